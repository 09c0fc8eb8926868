{{/* What JSON Schema cannot say, or not in words that help. Rendered by the Deployment; prints nothing. */}}
{{- define "trunkline.checks" -}}
{{- $aws := .Values.aws -}}
{{- if and .Values.namespaces (not .Values.installation) -}}
{{- fail "installation: with a list of namespaces the operator may not read the uid of kube-system, which is the default; set a name of your own that never changes" -}}
{{- end -}}
{{- if and (eq $aws.identity "IRSA") (not $aws.roleArn) -}}
{{- fail "aws.roleArn: aws.identity is IRSA; name the role, arn:aws:iam::ACCOUNT:role/NAME" -}}
{{- end -}}
{{- if and $aws.roleArn (ne $aws.identity "IRSA") -}}
{{- fail (printf "aws.roleArn: is for aws.identity IRSA, and that is %s; take one of them away" $aws.identity) -}}
{{- end -}}
{{- if and $aws.roleArn $aws.accountId (ne (index (splitList ":" $aws.roleArn) 4) $aws.accountId) -}}
{{- fail (printf "aws.roleArn: is of account %s, and aws.accountId is %s" (index (splitList ":" $aws.roleArn) 4) $aws.accountId) -}}
{{- end -}}
{{- if and (eq $aws.identity "Secret") (not $aws.secretName) -}}
{{- fail "aws.secretName: aws.identity is Secret; name the Secret with aws_access_key_id and aws_secret_access_key" -}}
{{- end -}}
{{- if and $aws.secretName (ne $aws.identity "Secret") -}}
{{- fail (printf "aws.secretName: is for aws.identity Secret, and that is %s; take one of them away" $aws.identity) -}}
{{- end -}}
{{- include "trunkline.tenantsChecks" . -}}
{{- include "trunkline.labelsChecks" . -}}
{{- range $name := list "ca" "cacheCA" -}}
{{- $given := index $.Values $name -}}
{{- if and $given.configMapName $given.secretName -}}
{{- fail (printf "%s: name a ConfigMap or a Secret, not both" $name) -}}
{{- end -}}
{{- end -}}
{{- include "trunkline.servingChecks" . -}}
{{- include "trunkline.alone" . -}}
{{- end -}}

{{/* One list for the operator and the API server: what one of two allows the other would refuse. */}}
{{- define "trunkline.tenantsChecks" -}}
{{- $own := .Values.tenants -}}
{{- $policy := (.Values.crds.policies | default dict).tenants | default dict -}}
{{- $enforced := and .Values.crds.enabled $policy.enabled -}}
{{- if and $own.roles (not $own.enabled) -}}
{{- fail "tenants.roles: are read only with tenants.enabled; set it to true, or tenants.roles to null" -}}
{{- end -}}
{{- if and $policy.roles (not $own.enabled) (not $enforced) -}}
{{- fail "crds.policies.tenants.roles: are read only with crds.policies.tenants.enabled, by the API server, and with tenants.enabled, by the operator; set both to true, or crds.policies.tenants.roles to null" -}}
{{- end -}}
{{- if and $own.roles (or $policy.roles $enforced) -}}
{{- $differing := list -}}
{{- range $namespace := concat (keys $own.roles) (keys ($policy.roles | default dict)) | sortAlpha | uniq -}}
{{- $ours := get $own.roles $namespace | default list | sortAlpha | uniq -}}
{{- $theirs := get ($policy.roles | default dict) $namespace | default list | sortAlpha | uniq -}}
{{- if ne (toJson $ours) (toJson $theirs) -}}
{{- $differing = append $differing $namespace -}}
{{- end -}}
{{- end -}}
{{- if $differing -}}
{{- $more := ternary "" (printf " and %d more" (sub (len $differing) 5)) (le (len $differing) 5) -}}
{{- fail (printf "tenants.roles: is another list than crds.policies.tenants.roles (for %s%s), and what one allows the other would refuse; write the whole list in crds.policies.tenants.roles, which the operator then reads too, and set tenants.roles to null" (slice $differing 0 (min 5 (len $differing)) | join ", ") $more) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "trunkline.labelsChecks" -}}
{{- $own := include "trunkline.ownLabels" . | fromYaml -}}
{{- $given := dict "extraLabels" .Values.extraLabels "podLabels" .Values.podLabels -}}
{{- $_ := set $given "metrics.serviceMonitor.labels" .Values.metrics.serviceMonitor.labels -}}
{{- $_ := set $given "prometheusRule.labels" .Values.prometheusRule.labels -}}
{{- $_ := set $given "dashboards.label" (dict .Values.dashboards.label "") -}}
{{- range $value, $labels := $given -}}
{{- range $key, $_ := $labels | default dict -}}
{{- if hasKey $own $key -}}
{{- fail (printf "%s: %s is set by the chart itself; name the label otherwise, or use nameOverride for the name in labels" $value $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Two operators on one object would undo each other's work in AWS. Where Helm sees the cluster (not in `helm template` nor
Argo CD), a release is refused whose namespaces another one watches; RoleBindings and the ClusterRoleBinding tell. Who
installs for a list of namespaces may not be allowed to read the latter, and a lookup that is refused ends Helm: so it is
looked at then only by who writes definitions too.
*/}}
{{- define "trunkline.alone" -}}
{{- $own := printf "%s/%s" .Release.Namespace .Release.Name -}}
{{- $found := list -}}
{{- if .Values.namespaces -}}
{{- range .Values.namespaces -}}
{{- $found = concat $found (dig "items" list (lookup "rbac.authorization.k8s.io/v1" "RoleBinding" . "")) -}}
{{- end -}}
{{- else -}}
{{- $found = concat $found (dig "items" list (lookup "rbac.authorization.k8s.io/v1" "RoleBinding" "" "")) -}}
{{- end -}}
{{- if or (not .Values.namespaces) .Values.crds.enabled -}}
{{- $found = concat $found (dig "items" list (lookup "rbac.authorization.k8s.io/v1" "ClusterRoleBinding" "" "")) -}}
{{- end -}}
{{- range $found -}}
{{- $watcher := dig "metadata" "annotations" "trunkline.dev/watched-by" "" . -}}
{{- if and $watcher (ne $watcher $own) -}}
{{- fail (printf "namespaces: %s is watched by release %s already (%s %s); two operators must not work on the same objects: give each its own namespaces" (default "the whole cluster" .metadata.namespace) $watcher .kind .metadata.name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
