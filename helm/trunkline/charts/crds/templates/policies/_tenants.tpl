{{/*
Writes the list of tenants into its policy; prints nothing. It becomes JSON, which CEL reads as it is and `trunkline doctor`
reads back; raw, for toJson makes six characters of each & < and >. CEL takes expressions of 100,000 code points (the parser's
default), so a long list becomes several variables by its size as it is written, and one namespace in two of them has the roles
of both.
*/}}
{{- define "trunkline-crds.tenants" -}}
{{- $maps := list -}}
{{- $entries := list -}}
{{- $size := 0 -}}
{{- range $namespace, $roles := .roles -}}
{{- $key := toRawJson $namespace -}}
{{- $listed := list -}}
{{- range $role := $roles | default list -}}
{{- $text := toRawJson $role -}}
{{- if gt (add $size (len $key) (len $text) 4) 90000 -}}
{{- if $listed -}}
{{- $entries = append $entries (printf "%s:[%s]" $key (join "," $listed)) -}}
{{- end -}}
{{- $maps = append $maps $entries -}}
{{- $entries = list -}}
{{- $listed = list -}}
{{- $size = 0 -}}
{{- end -}}
{{- if not $listed -}}
{{- $size = add $size (len $key) 4 -}}
{{- end -}}
{{- $listed = append $listed $text -}}
{{- $size = add $size (len $text) 1 -}}
{{- end -}}
{{- if $listed -}}
{{- $entries = append $entries (printf "%s:[%s]" $key (join "," $listed)) -}}
{{- end -}}
{{- end -}}
{{- $variables := list -}}
{{- range .policy.spec.variables -}}
{{- if ne .name "tenants" -}}
{{- $variables = append $variables . -}}
{{- end -}}
{{- end -}}
{{- $allowed := list "variables.same" -}}
{{- range $number, $entries := append $maps $entries -}}
{{- $name := ternary (printf "tenants%d" (add1 $number)) "tenants" (gt $number 0) -}}
{{- $variables = append $variables (dict "name" $name "expression" (printf "{%s}" (join "," $entries))) -}}
{{- $allowed = append $allowed (printf "variables.role in variables.%s[?request.namespace].orValue([])" $name) -}}
{{- end -}}
{{- $_ := set .policy.spec "variables" $variables -}}
{{- $_ := set (first .policy.spec.validations) "expression" (join " || " $allowed) -}}
{{- end -}}
