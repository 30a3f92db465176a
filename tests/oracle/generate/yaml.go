package generate

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Doc is one object of a manifest: maps, lists, strings, numbers, booleans, nil and Text.
type Doc = map[string]any

// List is a list inside a Doc.
type List = []any

// Text is a tree written as YAML into a string, as ConfigMaps hold it.
type Text struct{ Tree any }

// YAML writes documents as one multi-document stream.
func YAML(docs []Doc) string {
	var out strings.Builder
	for i, doc := range docs {
		if i > 0 {
			out.WriteString("---\n")
		}
		block(&out, doc, 0)
	}
	return out.String()
}

// order puts the keys people read first in front.
var order = []string{"apiVersion", "kind", "metadata", "name", "namespace", "key", "from", "to", "when"}

func keys(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := slices.Index(order, names[i]), slices.Index(order, names[j])
		if a < 0 {
			a = len(order)
		}
		if b < 0 {
			b = len(order)
		}
		if a != b {
			return a < b
		}
		return names[i] < names[j]
	})
	return names
}

func block(out *strings.Builder, value any, depth int) {
	pad := strings.Repeat("  ", depth)
	switch v := value.(type) {
	case map[string]any:
		for _, name := range keys(v) {
			out.WriteString(pad + plainOrQuoted(name) + ":")
			member(out, v[name], depth)
		}
	case []any:
		for _, item := range v {
			if m, ok := item.(map[string]any); ok && len(m) > 0 {
				var inner strings.Builder
				block(&inner, m, depth+1)
				out.WriteString(pad + "- " + inner.String()[2*(depth+1):])
				continue
			}
			out.WriteString(pad + "-")
			member(out, item, depth)
		}
	default:
		out.WriteString(pad + scalar(v) + "\n")
	}
}

// member writes what follows `key:` or `-`.
func member(out *strings.Builder, value any, depth int) {
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 {
			out.WriteString(" {}\n")
			return
		}
		out.WriteString("\n")
		block(out, v, depth+1)
	case []any:
		if len(v) == 0 {
			out.WriteString(" []\n")
			return
		}
		out.WriteString("\n")
		block(out, v, depth+1)
	case Text:
		var inner strings.Builder
		block(&inner, v.Tree, 0)
		out.WriteString(" |\n")
		for _, line := range strings.Split(strings.TrimRight(inner.String(), "\n"), "\n") {
			out.WriteString(strings.Repeat("  ", depth+1) + line + "\n")
		}
	default:
		out.WriteString(" " + scalar(v) + "\n")
	}
}

func scalar(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return plainOrQuoted(v)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	panic(fmt.Sprintf("no YAML for %T", value))
}

// plainOrQuoted leaves a text bare only where nobody could read it as anything but that text.
func plainOrQuoted(text string) string {
	bare := text != ""
	for i, c := range text {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || (i > 0 && c == '/')
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_')) {
			bare = false
		}
	}
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		bare = false
	}
	if bare {
		return text
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	// JSON writes <, > and & as escapes that YAML reads alike, but people do not.
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(quoted))
}

// Copy is a deep copy of a tree.
func Copy(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, item := range v {
			out[name] = Copy(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = Copy(item)
		}
		return out
	case Text:
		return Text{Copy(v.Tree)}
	}
	return value
}
