package admission

import "strings"

// place is a field or an item somewhere in a document.
type place struct {
	path []int
	// in is the mapping or list that holds it.
	in any
}

// places lists every field and item below the root. Deeper ones come in proportion to how many there are.
func places(tree any, path []int, out *[]place) {
	add := func(i int, value any) {
		here := append(append([]int{}, path...), i)
		*out = append(*out, place{here, tree})
		places(value, here, out)
	}
	switch t := tree.(type) {
	case object:
		for i, f := range t {
			add(i, f.value)
		}
	case list:
		for i, item := range t {
			add(i, item)
		}
	}
}

// changed is the tree with the holder of a place replaced by what change makes of it.
func changed(tree any, path []int, change func(holder any, index int) any) any {
	if len(path) == 1 {
		return change(tree, path[0])
	}
	switch t := tree.(type) {
	case object:
		out := append(object{}, t...)
		out[path[0]].value = changed(t[path[0]].value, path[1:], change)
		return out
	case list:
		out := append(list{}, t...)
		out[path[0]] = changed(t[path[0]], path[1:], change)
		return out
	}
	return tree
}

// mutated is the document with one mistake that people and templates make.
func (d *dice) mutated(document object) object {
	var all []place
	places(document, nil, &all)
	at := pick(d, all...)
	// The first three fields say what the document is; without them nobody judges it.
	if at.path[0] < 2 || (at.path[0] == 2 && d.chance(50)) {
		return document
	}
	out, ok := changed(document, at.path, d.mistake).(object)
	if !ok {
		return document
	}
	return out
}

func (d *dice) mistake(holder any, index int) any {
	switch h := holder.(type) {
	case object:
		out := append(object{}, h...)
		f := out[index]
		switch d.IntN(9) {
		case 0:
			return append(out[:index:index], out[index+1:]...)
		case 1:
			out[index].key = snake(f.key)
		case 2:
			out[index].key = pick(d, strings.ToUpper(f.key), strings.ToLower(f.key), strings.Title(f.key)) //nolint:staticcheck // ASCII
		case 3:
			out[index].key = d.nudge(f.key)
		case 4:
			return append(out, field{pick(d, f.key, snake(f.key), "unknown", "Spec", "rules", "selector", "matchExpressions"), copied(f.value)})
		case 5:
			out[index].value = list{f.value}
		default:
			out[index].value = d.otherValue(f.value)
		}
		return out
	case list:
		out := append(list{}, h...)
		switch d.IntN(6) {
		case 0:
			return append(out[:index:index], out[index+1:]...)
		case 1:
			return append(out, copied(out[index]))
		case 2:
			return out[index]
		case 3:
			out[index] = nil
		default:
			out[index] = d.otherValue(out[index])
		}
		return out
	}
	return holder
}

func (d *dice) otherValue(value any) any {
	switch d.IntN(7) {
	case 0:
		return nil
	case 1:
		return object{}
	case 2:
		return list{}
	case 3:
		return d.oddScalar()
	case 4:
		return pick[any](d, "", 0, -1, true, "a", list{"a"}, object{{"a", "b"}}, list{nil}, object{{"", nil}})
	case 5:
		if text, ok := value.(string); ok && bare(text) && text != "" {
			return plain(text)
		}
		return list{value}
	default:
		if text, ok := value.(string); ok {
			return d.nudge(text)
		}
		return plain("~")
	}
}

func snake(name string) string {
	var out strings.Builder
	for _, letter := range name {
		if letter >= 'A' && letter <= 'Z' {
			out.WriteByte('_')
			letter += 'a' - 'A'
		}
		out.WriteRune(letter)
	}
	return out.String()
}
