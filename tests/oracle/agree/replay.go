package agree

import (
	"fmt"
	"os"
)

// again asks about every saved case.
func (r *run) again() int {
	r.verdicts = map[string]int{}
	cases, err := load(r.replay)
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle agree:", err)
		return 2
	}
	stop := r.report()
	for _, kept := range cases {
		if r.late() {
			break
		}
		r.keptCase(kept)
	}
	stop()
	if len(cases) == 0 {
		fmt.Fprintf(r.out, "no saved cases in %s\n0 passed, 0 failed\n", r.replay)
		return 0
	}
	return r.summary()
}

func (r *run) keptCase(kept keptCase) {
	real, ours, err := r.both(kept.Case)
	r.meshesDone++
	r.requestsDone += len(kept.Requests)
	if err != nil {
		r.unanswered += len(kept.Requests)
		fmt.Fprintf(r.out, "\n%s: the real side failed: %v\n", kept.name, err)
		return
	}
	for i, s := range kept.Requests {
		r.count(real[i])
		if real[i].Error != "" {
			r.unanswered++
			fmt.Fprintf(r.out, "\n%s %s: the real side has no answer: %s\n", kept.name, s.Name, real[i].Error)
			continue
		}
		all := claims(s.Expect, real[i])
		if len(all) > 0 {
			fmt.Fprintf(r.out, "\n%s %s: the real answer is not the recorded one\n", kept.name, s.Name)
		} else if ours != nil {
			all = compare(s, real[i], ours[i])
		}
		if len(all) > 0 {
			r.disagreements++
			fmt.Fprintf(r.out, "\n%s %s: DISAGREEMENT %s\n  request %s\n  real    %s\n", kept.name, s.Name, shape(all), s.Line(), line(real[i]))
			if ours != nil {
				fmt.Fprintf(r.out, "  meshsec %s\n", line(ours[i]))
			}
		}
	}
}
