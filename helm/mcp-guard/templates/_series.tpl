{{/*
A metric of the filter, with its tags as labels. They are labels where the mesh lists them in `extraStatTags`,
which leaves `___` of the name's end, and part of the metric's name where it does not.
*/}}
{{- define "mcp-guard.series" -}}
{__name__=~"mcp_guard_{{ .name }}(___)?",{{ .pods }}} or
{{ range .tags }}label_replace({{ end -}}
{__name__=~"mcp_guard_{{ .name }}___.+",{{ .pods }}}
{{- range .tags }}, {{ . | quote }}, "$1", "__name__", ".*___{{ . }}___(.+?)___.*"){{ end }}
{{- end }}

{{/*
The count of approvals before the first one, 0: Envoy prints a counter from its first count on, in which `increase`
sees none. It is there as soon as a policy runs.
*/}}
{{- define "mcp-guard.noApprovals" -}}
label_replace(label_replace(sum without (stage, digest) ({__name__=~"mcp_guard_policy(___.*)?",{{ .pods }}}) * 0, "level", {{ .level | quote }}, "", ""), "outcome", {{ .outcome | quote }}, "", "")
{{- end }}

{{/*
Series that counted something within a window: those that rose, and those that are another number than before it, or
that nobody knew then. What was known is taken from an hour, so that a failed scrape is no new series.
*/}}
{{- define "mcp-guard.counted" -}}
increase({{ .series }}[{{ .window }}]) > 0 or ({{ .series }} > 0 unless {{ .series }} == last_over_time({{ .series }}[1h] offset {{ .window }}))
{{- end }}
