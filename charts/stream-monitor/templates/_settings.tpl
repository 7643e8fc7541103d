{{/* The settings file of the operator: the values of the same names, as they are. */}}
{{- define "stream-monitor.settings" -}}
{{- include "stream-monitor.quantityWithin" (list "shards.cpu" .Values.shards.cpu "100m" "256") -}}
{{- include "stream-monitor.quantityWithin" (list "shards.memory" .Values.shards.memory "64Mi" "4Ti") -}}
{{- include "stream-monitor.quantityWithin" (list "shards.warmHeadroom" .Values.shards.warmHeadroom "0" "256") -}}
{{- include "stream-monitor.quantityWithin" (list "monitor.spool" .Values.monitor.spool "64Mi" "4Ti") -}}
image: {{ include "stream-monitor.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - {{ .name | quote }}
  {{- end }}
{{- end }}
{{- with .Values.region }}
region: {{ . | quote }}
{{- end }}
{{ dict "shards" .Values.shards "monitor" .Values.monitor "api" .Values.api | toYaml }}
{{- end -}}

{{/*
Fails where a quantity is out of bounds, which a schema cannot tell: the operator would refuse to start.
Arguments: name of the value, value, minimum, maximum.
*/}}
{{- define "stream-monitor.quantityWithin" -}}
{{- $value := include "stream-monitor.quantity" (index . 1) | float64 -}}
{{- $minimum := include "stream-monitor.quantity" (index . 2) | float64 -}}
{{- $maximum := include "stream-monitor.quantity" (index . 3) | float64 -}}
{{- if or (lt $value $minimum) (gt $value $maximum) -}}
{{- fail (printf "%s must be from %s to %s, but is %v" (index . 0) (index . 2) (index . 3) (index . 1)) -}}
{{- end -}}
{{- end -}}

{{- define "stream-monitor.quantity" -}}
{{- $text := toString . -}}
{{- $factors := dict "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := regexFind "[a-zA-Z]+$" $text -}}
{{- mulf (trimSuffix $unit $text | float64) (get $factors $unit | default 1) -}}
{{- end -}}
