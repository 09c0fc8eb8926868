{{/* What /metrics and the webhook are called where they are asked, and the Secrets of their certificates. */}}
{{- define "trunkline.metricsHost" -}}
{{- printf "%s-metrics.%s.svc" (include "trunkline.fullname" .) .Release.Namespace -}}
{{- end -}}

{{- define "trunkline.webhookHost" -}}
{{- printf "%s-webhook.%s.svc" (include "trunkline.fullname" .) .Release.Namespace -}}
{{- end -}}

{{- define "trunkline.metricsSecret" -}}
{{- default (printf "%s-metrics-tls" (include "trunkline.fullname" .)) .Values.metrics.tls.secretName -}}
{{- end -}}

{{- define "trunkline.webhookSecret" -}}
{{- default (printf "%s-webhook-tls" (include "trunkline.fullname" .)) .Values.webhook.secretName -}}
{{- end -}}

{{/* "true" if cert-manager is to make the certificate of a part: of `metrics.tls` or `webhook`, as its values. */}}
{{- define "trunkline.certified" -}}
{{- if and .of.enabled (not .of.secretName) .certManager.enabled -}}true{{- end -}}
{{- end -}}

{{/* What JSON Schema cannot say of them; rendered by the Deployment. */}}
{{- define "trunkline.servingChecks" -}}
{{- $values := .Values -}}
{{- range $name, $of := dict "metrics.tls" .Values.metrics.tls "webhook" .Values.webhook -}}
{{- if $of.enabled -}}
{{- if $values.namespaces -}}
{{- fail (printf "%s.enabled: takes rights and objects of cluster scope, and with a list of namespaces the chart makes none; take the list away, or leave this off" $name) -}}
{{- end -}}
{{- if not (or $of.secretName $values.certManager.enabled) -}}
{{- fail (printf "%s.secretName: name the Secret with its certificate, or set certManager.enabled to true" $name) -}}
{{- end -}}
{{- if eq (int $of.port) (int $values.metrics.port) -}}
{{- fail (printf "%s.port: %d is the port of the probes (metrics.port); write another" $name (int $of.port)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.metrics.tls.enabled .Values.webhook.enabled (eq (int .Values.metrics.tls.port) (int .Values.webhook.port)) -}}
{{- fail (printf "webhook.port: %d is that of metrics.tls.port too; write another" (int .Values.webhook.port)) -}}
{{- end -}}
{{- with .Values.webhook -}}
{{- if and .enabled .secretName (not .caBundle) (not .annotations) -}}
{{- fail "webhook.caBundle: the API server must know who signed the certificate of webhook.secretName; write the authority's PEM in base64, or the annotations by which something else fills it in" -}}
{{- end -}}
{{- end -}}
{{- end -}}
