{{/* Never through a proxy: the API server, the cluster's own names, and the addresses where credentials come from. */}}
{{- define "trunkline.noProxy" -}}
{{- $direct := list "localhost" "127.0.0.1" "::1" "[::1]" "$(KUBERNETES_SERVICE_HOST)" "[$(KUBERNETES_SERVICE_HOST)]" "kubernetes.default.svc" ".svc" ".cluster.local" -}}
{{- $credentials := list "169.254.169.254" "169.254.170.2" "169.254.170.23" "fd00:ec2::23" "[fd00:ec2::23]" "fd00:ec2::254" "[fd00:ec2::254]" -}}
{{- concat $direct $credentials .Values.proxy.noProxy | join "," -}}
{{- end -}}

{{/* What the chart itself sets, a list. A field of the pod stands before what refers to it. */}}
{{- define "trunkline.environment" -}}
- name: TRUNKLINE_LEASE_NAMESPACE
  value: {{ .Release.Namespace | quote }}
- name: TRUNKLINE_LEASE_NAME
  value: {{ include "trunkline.fullname" . | quote }}
# Every address, without a host: a pod of an IPv6 cluster has no other, and its kubelet would kill what listens on IPv4 only.
- name: TRUNKLINE_PROBES
  value: {{ printf ":%d" (int .Values.metrics.port) | quote }}
{{- if .Values.metrics.tls.enabled }}
- name: TRUNKLINE_METRICS
  value: {{ printf ":%d" (int .Values.metrics.tls.port) | quote }}
- name: TRUNKLINE_METRICS_TLS
  value: /etc/trunkline/metrics-tls
{{- end }}
{{- if .Values.webhook.enabled }}
- name: TRUNKLINE_WEBHOOK
  value: {{ printf ":%d" (int .Values.webhook.port) | quote }}
- name: TRUNKLINE_WEBHOOK_TLS
  value: /etc/trunkline/webhook-tls
{{- end }}
- name: TRUNKLINE_LOG_FORMAT
  value: {{ .Values.log.format | quote }}
- name: TRUNKLINE_LOG_LEVEL
  value: {{ .Values.log.level | quote }}
- name: TRUNKLINE_AWS_THREADS
  value: {{ int .Values.aws.threads | quote }}
{{- with .Values.aws.rates }}
- name: TRUNKLINE_AWS_RATES
  value: {{ . | quote }}
{{- end }}
{{- with .Values.namespaces }}
- name: TRUNKLINE_NAMESPACES
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.installation }}
- name: TRUNKLINE_INSTALLATION
  value: {{ . | quote }}
{{- end }}
{{- with .Values.aws.region }}
- name: AWS_REGION
  value: {{ . | quote }}
- name: AWS_DEFAULT_REGION
  value: {{ . | quote }}
{{- end }}
{{- with .Values.aws.rolePath }}
- name: TRUNKLINE_ROLE_PATH
  value: {{ . | quote }}
{{- end }}
{{- with .Values.aws.permissionsBoundary }}
- name: TRUNKLINE_PERMISSIONS_BOUNDARY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.prometheusHosts }}
- name: TRUNKLINE_PROMETHEUS_HOSTS
  value: {{ join "," . | quote }}
{{- end }}
{{- if .Values.tenants.enabled }}
- name: TRUNKLINE_TENANTS
  value: /etc/trunkline/tenants
{{- end }}
{{- if eq .Values.aws.identity "Secret" }}
{{- range $name := list "aws_access_key_id" "aws_secret_access_key" "aws_session_token" }}
- name: {{ upper $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.aws.secretName }}
      key: {{ $name }}
      {{- if eq $name "aws_session_token" }}
      optional: true
      {{- end }}
{{- end }}
{{- end }}
{{- with .Values.proxy.url }}
- name: HTTPS_PROXY
  value: {{ . | quote }}
- name: HTTP_PROXY
  value: {{ . | quote }}
- name: NO_PROXY
  value: {{ include "trunkline.noProxy" $ | quote }}
{{- end }}
{{- if or .Values.ca.configMapName .Values.ca.secretName }}
{{- range list "AWS_CA_BUNDLE" "SSL_CERT_FILE" "REQUESTS_CA_BUNDLE" }}
- name: {{ . }}
  value: {{ printf "/etc/trunkline/ca/%s" $.Values.ca.key | quote }}
{{- end }}
{{- end }}
{{- if or .Values.cacheCA.configMapName .Values.cacheCA.secretName }}
- name: TRUNKLINE_CACHE_CA
  value: {{ printf "/etc/trunkline/cache-ca/%s" .Values.cacheCA.key | quote }}
{{- end }}
{{- end -}}

{{/* The above without what extraEnv replaces, and extraEnv: a name twice is refused by server-side apply. */}}
{{- define "trunkline.env" -}}
{{- $replaced := dict -}}
{{- range .Values.extraEnv }}{{ $_ := set $replaced .name true }}{{ end -}}
{{- $env := list -}}
{{- range (include "trunkline.environment" . | fromYamlArray) -}}
{{- if not (hasKey $replaced .name) }}{{ $env = append $env . }}{{ end -}}
{{- end -}}
{{- concat $env .Values.extraEnv | toYaml -}}
{{- end -}}

{{/* A volume with a bundle of authorities: a dict of its name and its values. */}}
{{- define "trunkline.bundle" -}}
- name: {{ .name }}
  {{- if .from.configMapName }}
  configMap:
    name: {{ .from.configMapName }}
  {{- else }}
  secret:
    secretName: {{ .from.secretName }}
  {{- end }}
{{- end -}}
