{{/* Whether an object attaches the filter: `yes`, or nothing. */}}
{{- define "mcp-guard.attaches" -}}
{{- if has .kind (list "WasmPlugin" "TrafficExtension") }}yes{{ end }}
{{- end }}

{{/* Whether one of the objects does; what the policies of a namespace share attaches none. */}}
{{- define "mcp-guard.attached" -}}
{{- range .Values.objects }}{{ include "mcp-guard.attaches" . }}{{ end }}
{{- end }}

{{/* Refuses an attachment that was compiled of another policy, or for another stage. */}}
{{- define "mcp-guard.checkAttachment" -}}
{{- $object := .object }}
{{- $policy := .policy }}
{{- $title := printf "%s `%s`" $object.kind $object.metadata.name }}
{{- $spec := $object.spec | default dict }}
{{- $config := ($spec.wasm | default $spec).pluginConfig | default dict }}
{{- $stage := "no stage" }}
{{- if not (kindIs "invalid" $config.policy) }}
{{- $stage = "enforce" }}
{{- else if not (kindIs "invalid" $config.candidate) }}
{{- $stage = "observe" }}
{{- end }}
{{- if ne $stage $policy.stage }}
{{- fail (printf "%s is compiled for the stage `%s`, and `policy.stage` is `%s`: nothing else changes with that value; compile with `--stage %s`" $title $stage $policy.stage $policy.stage) }}
{{- end }}
{{- $digest := index ($object.metadata.annotations | default dict) "mcp-guard.dev/policy-digest" | default "none" }}
{{- if ne $digest $policy.digest }}
{{- fail (printf "%s is compiled of the policy with digest %s, and `policy.digest` is %s: use the values as they were compiled" $title $digest $policy.digest) }}
{{- end }}
{{- end }}
