package generate

import (
	"math/rand/v2"
	"strings"
)

// dice are the random choices of one mesh; the same seed rolls the same choices.
type dice struct{ *rand.Rand }

func newDice(seed, stream uint64) dice {
	return dice{rand.New(rand.NewPCG(seed, stream))}
}

// chance is true in p of 100 cases.
func (d dice) chance(p float64) bool { return d.Float64()*100 < p }

// between picks a number from low to high, both included.
func (d dice) between(low, high int) int {
	if high <= low {
		return low
	}
	return low + d.IntN(high-low+1)
}

// pick takes one of the values.
func pick[T any](d dice, values ...T) T { return values[d.IntN(len(values))] }

// some takes up to n different places of the list, in order.
func some[T any](d dice, n int, values []T) []T {
	if n > len(values) {
		n = len(values)
	}
	taken := map[int]bool{}
	for len(taken) < n {
		taken[d.IntN(len(values))] = true
	}
	var out []T
	for i, v := range values {
		if taken[i] {
			out = append(out, v)
		}
	}
	return out
}

// weighted picks an index with probability in proportion to its weight.
func (d dice) weighted(weights ...float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := d.Float64() * sum
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	return len(weights) - 1
}

// word is a short text of the given alphabet.
func (d dice) word(alphabet string, low, high int) string {
	var out strings.Builder
	for range d.between(low, high) {
		out.WriteByte(alphabet[d.IntN(len(alphabet))])
	}
	return out.String()
}

const lower = "abcdefghijklmnopqrstuvwxyz"

// nudge changes a text by one character: the nearest thing that is not the same.
func (d dice) nudge(text string) string {
	if text == "" {
		return d.word(lower, 1, 1)
	}
	at := d.IntN(len(text))
	switch d.IntN(6) {
	case 0: // one character less
		return text[:at] + text[at+1:]
	case 1: // one character more, at the end
		return text + d.word(lower+"0123456789", 1, 1)
	case 2: // one character more, in front
		return d.word(lower, 1, 1) + text
	case 3: // other case
		for i := range len(text) {
			at := (at + i) % len(text)
			if c := text[at]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
				return text[:at] + string(c^0x20) + text[at+1:]
			}
		}
		return text + "x"
	case 4: // another character
		return text[:at] + d.word(lower, 1, 1) + text[at+1:]
	default: // doubled
		return text[:at] + string(text[at]) + text[at:]
	}
}

// near is a policy value close to text: itself, a prefix, a suffix, presence, or a near miss.
func (d dice) near(text string) string {
	cut := 0
	if len(text) > 0 {
		cut = d.IntN(len(text) + 1)
	}
	switch d.weighted(45, 20, 14, 8, 8, 3, 2) {
	case 1:
		return text[:cut] + "*"
	case 2:
		return "*" + text[cut:]
	case 3:
		return "*"
	case 4:
		return d.nudge(text)
	case 5: // a star in the middle is an ordinary character
		return text[:cut] + "*" + text[cut:]
	case 6:
		return "*" + text[cut/2:cut] + "*"
	}
	return text
}

// fill makes a text that the pattern covers.
func (d dice) fill(pattern string) string {
	switch {
	case pattern == "*":
		return d.word(lower, 1, 5)
	case strings.HasPrefix(pattern, "*"):
		if d.chance(25) {
			return pattern[1:]
		}
		return d.word(lower, 1, 3) + pattern[1:]
	case strings.HasSuffix(pattern, "*"):
		if d.chance(25) {
			return pattern[:len(pattern)-1]
		}
		return pattern[:len(pattern)-1] + d.word(lower, 1, 3)
	}
	return pattern
}
