{{/* The name is written out: .Chart.Name is the alias where this chart is a part of another. */}}
{{- define "trunkline-crds.ownLabels" -}}
app.kubernetes.io/name: trunkline
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: crds
app.kubernetes.io/part-of: trunkline
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: trunkline-crds-{{ .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "trunkline-crds.labels" -}}
{{ include "trunkline-crds.ownLabels" . }}
{{- with .Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A key twice is no YAML, and a label that aggregates would put every role of this chart into another. */}}
{{- define "trunkline-crds.checks" -}}
{{- $own := include "trunkline-crds.ownLabels" . | fromYaml -}}
{{- $value := ternary "crds.extraLabels" "extraLabels" (eq .Chart.Name "crds") -}}
{{- range $key, $_ := .Values.extraLabels | default dict -}}
{{- if or (hasKey $own $key) (hasPrefix "rbac.authorization.k8s.io/" $key) -}}
{{- fail (printf "%s: %s is set by the chart itself; name the label otherwise, or use aggregateTo for what is aggregated" $value $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
