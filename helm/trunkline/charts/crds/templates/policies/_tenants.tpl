{{/*
Writes the list of tenants into its policy; prints nothing. It becomes JSON, which CEL reads as it is and `trunkline doctor`
reads back. CEL takes expressions of 100,000 code points (the parser's default), so a long list becomes several variables, and
one namespace in two of them has the roles of both. A role has 2,048 characters at most, so forty of them always fit.
*/}}
{{- define "trunkline-crds.tenants" -}}
{{- $maps := list -}}
{{- $entries := list -}}
{{- $size := 0 -}}
{{- $last := "" -}}
{{- range $namespace, $roles := .roles -}}
{{- range $some := chunk 40 ($roles | default list) -}}
{{- $entry := printf "%s:%s" (toJson $namespace) (toJson $some) -}}
{{- if or (eq $namespace $last) (gt (add $size (len $entry)) 90000) -}}
{{- $maps = append $maps $entries -}}
{{- $entries = list -}}
{{- $size = 0 -}}
{{- end -}}
{{- $entries = append $entries $entry -}}
{{- $size = add $size (len $entry) 1 -}}
{{- $last = $namespace -}}
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
