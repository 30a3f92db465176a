package admission

import (
	"encoding/json"
	"strings"
)

// A document is a tree of these, and of string, bool, int and nil. Order is kept, so the same seed writes the same text.
type (
	object []field
	list   []any
	// plain is a scalar without quotes, whatever YAML makes of it.
	plain string
)

type field struct {
	key   string
	value any
}

// with adds a field, unless there is nothing to add.
func (o object) with(key string, value any) object {
	if value == nil {
		return o
	}
	return append(o, field{key, value})
}

func (o object) get(key string) any {
	for _, f := range o {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

// copied is a tree that shares nothing with this one.
func copied(tree any) any {
	switch t := tree.(type) {
	case object:
		out := make(object, len(t))
		for i, f := range t {
			out[i] = field{f.key, copied(f.value)}
		}
		return out
	case list:
		out := make(list, len(t))
		for i, item := range t {
			out[i] = copied(item)
		}
		return out
	default:
		return tree
	}
}

// text writes a document: its first levels as blocks, what is below in brackets.
func text(document object) string {
	var out strings.Builder
	for _, f := range document {
		out.WriteString(key(f.key))
		out.WriteByte(':')
		inner, ok := f.value.(object)
		if !ok || len(inner) == 0 {
			out.WriteByte(' ')
			flow(&out, f.value)
			out.WriteByte('\n')
			continue
		}
		out.WriteByte('\n')
		for _, g := range inner {
			out.WriteString("  " + key(g.key) + ": ")
			flow(&out, g.value)
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func flow(out *strings.Builder, tree any) {
	switch t := tree.(type) {
	case object:
		out.WriteByte('{')
		for i, f := range t {
			if i > 0 {
				out.WriteString(", ")
			}
			out.WriteString(key(f.key) + ": ")
			flow(out, f.value)
		}
		out.WriteByte('}')
	case list:
		out.WriteByte('[')
		for i, item := range t {
			if i > 0 {
				out.WriteString(", ")
			}
			flow(out, item)
		}
		out.WriteByte(']')
	case plain:
		out.WriteString(string(t))
	default:
		out.WriteString(quoted(t))
	}
}

// key is a key of a mapping. Digits stay bare now and then by their own shape: `8080: {}` and `"8080": {}` are the same key.
func key(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "" && !ambiguous[text] {
		return text
	}
	return quoted(text)
}

// ambiguous are words that YAML 1.1 takes for booleans or null.
var ambiguous = map[string]bool{
	"y": true, "Y": true, "yes": true, "Yes": true, "YES": true, "on": true, "On": true, "ON": true, "true": true, "True": true, "TRUE": true,
	"n": true, "N": true, "no": true, "No": true, "NO": true, "off": true, "Off": true, "OFF": true, "false": true, "False": true, "FALSE": true,
	"null": true, "Null": true, "NULL": true,
}

func quoted(value any) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSpace(out.String())
}
