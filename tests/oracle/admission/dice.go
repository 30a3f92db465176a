package admission

import (
	"math/rand/v2"
	"strings"
)

// dice are the random choices of one document.
type dice struct {
	*rand.Rand
	// wrong is how many of 100 values come from outside their grammar.
	wrong float64
}

func roll(seed, number uint64) *dice {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, number))}
	switch d.weighted(38, 36, 18, 8) {
	case 1:
		d.wrong = 3
	case 2:
		d.wrong = 10
	case 3:
		d.wrong = 30
	}
	return d
}

// chance is true in p of 100 cases.
func (d *dice) chance(p float64) bool { return d.Float64()*100 < p }

// between picks a number from low to high, both included.
func (d *dice) between(low, high int) int { return low + d.IntN(high-low+1) }

func (d *dice) weighted(weights ...float64) int {
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

func pick[T any](d *dice, values ...T) T { return values[d.IntN(len(values))] }

// text picks a value of a grammar, or one outside it when the document is meant to have mistakes.
func (d *dice) text(g grammar) any {
	if d.chance(d.wrong) {
		if d.chance(70) {
			return pick(d, g.bad...)
		}
		return d.nudge(pick(d, g.good...))
	}
	value := pick(d, g.good...)
	if value != "" && d.chance(4) && bare(value) {
		return plain(value)
	}
	return value
}

// bare says that a text may stand in brackets without quotes, whatever it means then.
func bare(text string) bool {
	return strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/") == ""
}

// texts is a list of values, seldom empty.
func (d *dice) texts(g grammar, most int) any {
	if d.chance(d.wrong) {
		return d.badList(g)
	}
	out := list{}
	if d.chance(3) {
		return out
	}
	for range d.between(1, most) {
		out = append(out, d.text(g))
	}
	return out
}

func (d *dice) badList(g grammar) any {
	switch d.IntN(8) {
	case 0:
		return pick(d, g.good...)
	case 1:
		return list{nil}
	case 2:
		return list{""}
	case 3:
		return list{pick(d, g.good...), nil}
	case 4:
		return list{d.oddScalar()}
	case 5:
		return object{{"a", "b"}}
	case 6:
		return list{list{pick(d, g.good...)}}
	default:
		return nil
	}
}

// oddScalar is a scalar that people write without knowing what YAML makes of it.
func (d *dice) oddScalar() any {
	return pick[any](d, plain("y"), plain("n"), plain("yes"), plain("No"), plain("on"), plain("off"), plain("1.10"), plain("010"), plain("08"),
		plain("0o17"), plain("0x1F"), plain("1_000"), plain("1e3"), plain(".5"), plain("1:30"), plain("1.2.3"), plain("2001-01-01"), plain("yEs"),
		plain("~"), plain("null"), plain("80"), plain("80.0"), plain("80.5"), plain("-1"), plain("-0"), plain("+5"), plain("0"), plain("1e30"),
		plain("9223372036854775807"), plain("9223372036854775808"), plain("18446744073709551615"), plain("18446744073709551616"), plain(".inf"),
		plain(".nan"), plain("2147483647"), plain("2147483648"), plain("-2147483649"), plain("4294967295"), plain("4294967296"), plain("!!str 5"),
		plain("!!int '5'"), true, false, "80", "80.0", " 80", "null", "true", "", "1e2", "0x10")
}

// maybe leaves a field out in 100-p of 100 cases.
func maybe(d *dice, p float64, value func() any) any {
	if !d.chance(p) {
		return nil
	}
	return value()
}

// nudge changes a text by one character: the nearest thing that is not the same.
func (d *dice) nudge(text string) string {
	const signs = "aZ09-._*/:{}[]@%, \"'?#+=~&()<>|\\^`$;!\tä"
	sign := string(pick(d, []rune(signs)...))
	if text == "" {
		return sign
	}
	runes := []rune(text)
	at := d.IntN(len(runes))
	before, after := string(runes[:at]), string(runes[at:])
	rest := string(runes[at+1:])
	switch d.IntN(7) {
	case 0:
		return before + rest
	case 1:
		return text + sign
	case 2:
		return sign + text
	case 3:
		return before + sign + rest
	case 4:
		return before + sign + after
	case 5:
		return strings.ToUpper(text)
	default:
		return before + string(runes[at]) + after
	}
}
