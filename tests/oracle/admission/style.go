package admission

import (
	"strings"
	"unicode"
)

// style writes the same document in another of the ways that YAML has: blocks, other quotes, anchors, merge keys, comments.
type style struct {
	*dice
	out strings.Builder
	// anchored is the text of a value that was given the anchor `x`; later values of that text may be aliases.
	anchored string
}

// styled is a document in a random style. It means the same as text does.
func styled(document object, d *dice) string {
	s := &style{dice: d}
	if d.chance(50) {
		return text(document)
	}
	if d.chance(10) {
		s.flow(document)
		return s.out.String() + "\n"
	}
	s.block(document, 0)
	written := s.out.String()
	if d.chance(3) {
		written = strings.ReplaceAll(written, "\n", "\r\n")
	}
	return written
}

func (s *style) indent(depth int) { s.out.WriteString(strings.Repeat(" ", depth)) }

// block writes the fields of a mapping or the items of a list, each on lines of its own.
func (s *style) block(tree any, depth int) {
	switch t := tree.(type) {
	case object:
		for i, f := range t {
			if i > 0 || depth == 0 {
				s.indent(depth)
			}
			s.key(f.key)
			s.out.WriteString(":")
			s.after(f.value, depth)
		}
	case list:
		for _, item := range t {
			s.indent(depth)
			if inner, ok := item.(object); ok && len(inner) > 0 && s.chance(70) {
				s.out.WriteString("- ")
				s.block(inner, depth+2)
				continue
			}
			s.out.WriteString("-")
			s.after(item, depth)
		}
	}
}

// after writes what follows a colon or a dash, to the end of the line and below.
func (s *style) after(value any, depth int) {
	deeper := depth + pick(s.dice, 1, 2, 2, 2, 4)
	switch t := value.(type) {
	case object:
		if len(t) > 0 && s.chance(75) {
			s.newline()
			s.indent(deeper)
			s.block(t, deeper)
			return
		}
	case list:
		if len(t) > 0 && s.chance(60) {
			s.newline()
			s.block(t, deeper)
			return
		}
	case string:
		if s.chance(15) && literal(t) {
			s.out.WriteString(" |-\n")
			for _, line := range strings.Split(t, "\n") {
				s.indent(deeper)
				s.out.WriteString(line + "\n")
			}
			return
		}
	case nil:
		if s.chance(50) {
			s.newline()
			return
		}
	}
	s.out.WriteString(" ")
	s.flow(value)
	s.newline()
}

func (s *style) newline() {
	if s.chance(2) {
		s.out.WriteString(" # note: {x}")
	}
	s.out.WriteString("\n")
	if s.chance(1) {
		s.out.WriteString(pick(s.dice, "\n", "# meshsec: nothing\n", "   \n"))
	}
}

// literal says that a text may stand as it is below a bar.
func literal(text string) bool {
	if text == "" || strings.TrimSpace(text) != text || strings.Contains(text, "\n\n") || strings.Contains(text, "\n ") || strings.Contains(text, " \n") {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) < 0
}

func (s *style) flow(tree any) {
	whole := ""
	switch t := tree.(type) {
	case object, list:
		var out strings.Builder
		flow(&out, t)
		whole = out.String()
		if whole == s.anchored && s.chance(60) {
			s.out.WriteString("*x ")
			return
		}
		if s.anchored == "" && s.chance(1) {
			s.anchored = whole
			s.out.WriteString("&x ")
		}
	}
	switch t := tree.(type) {
	case object:
		s.out.WriteString("{")
		for i, f := range t {
			if i > 0 {
				s.out.WriteString(", ")
			}
			if i == 0 && len(t) > 1 && s.chance(1) {
				// What is merged in gives way to what is written later.
				s.out.WriteString("<<: {")
				s.key(f.key)
				s.out.WriteString(": ")
				s.flow(f.value)
				s.out.WriteString("}")
				continue
			}
			s.key(f.key)
			s.out.WriteString(": ")
			s.flow(f.value)
		}
		s.out.WriteString("}")
	case list:
		s.out.WriteString("[")
		for i, item := range t {
			if i > 0 {
				s.out.WriteString(pick(s.dice, ", ", ", ", ",   "))
			}
			s.flow(item)
		}
		s.out.WriteString("]")
	case plain:
		s.out.WriteString(string(t))
	case string:
		s.scalar(t)
	case nil:
		s.out.WriteString(pick(s.dice, "null", "~", "Null"))
	default:
		s.out.WriteString(quoted(t))
	}
}

func (s *style) key(name string) {
	if s.chance(10) && single(name) {
		s.out.WriteString("'" + strings.ReplaceAll(name, "'", "''") + "'")
		return
	}
	s.out.WriteString(key(name))
}

func (s *style) scalar(text string) {
	switch {
	case s.chance(20) && single(text):
		s.out.WriteString("'" + strings.ReplaceAll(text, "'", "''") + "'")
	case s.chance(2):
		s.out.WriteString("!!str " + quoted(text))
	default:
		s.out.WriteString(quoted(text))
	}
}

// single says that a text may stand in single quotes, on one line.
func single(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
