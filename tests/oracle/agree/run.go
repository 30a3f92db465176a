package agree

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"time"

	"oracle/generate"
	"oracle/scenario"
)

// run is one invocation.
type run struct {
	options
	real, ours    Side // ours is nil when the real side is looked at alone
	out, progress io.Writer
	started       time.Time

	lock          sync.Mutex
	next          uint64
	meshesDone    int
	requestsDone  int
	disagreements int
	unanswered    int // the real side could not say
	translated    int
	mistranslated int
	saved         int
	verdicts      map[string]int
	realTime      time.Duration
	oursTime      time.Duration
}

// fresh asks about new meshes.
func (r *run) fresh() int {
	fmt.Fprintf(r.out, "seed %d, %d meshes of %d requests, kind %s\n", r.seed, r.meshes, r.requests, r.kind)
	r.verdicts, r.next = map[string]int{}, r.seed
	stop := r.report()
	var workers sync.WaitGroup
	for range r.workers {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for {
				seed, ok := r.take()
				if !ok {
					return
				}
				r.mesh(generate.Make(seed, generate.Size{Requests: r.requests, Kind: r.kind}))
			}
		}()
	}
	workers.Wait()
	stop()
	return r.summary()
}

func (r *run) take() (uint64, bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.next-r.seed >= uint64(r.meshes) || r.late() {
		return 0, false
	}
	r.next++
	return r.next - 1, true
}

func (r *run) late() bool { return r.deadline > 0 && time.Since(r.started) > r.deadline }

// mesh asks both sides about one mesh.
func (r *run) mesh(m generate.Mesh) {
	c := Case{Manifests: m.Manifests, Features: m.Features, Requests: m.Requests}
	real, ours, err := r.both(c)
	r.lock.Lock()
	r.meshesDone++
	r.requestsDone += len(c.Requests)
	r.lock.Unlock()
	if err != nil {
		r.giveUp(m.Seed, len(c.Requests), err)
		return
	}
	seen := map[string]bool{}
	for i, s := range c.Requests {
		r.count(real[i])
		if real[i].Error != "" {
			r.unable(m.Seed, s, real[i])
			continue
		}
		if ours == nil {
			continue
		}
		all := compare(s, real[i], ours[i])
		if len(all) == 0 {
			continue
		}
		r.lock.Lock()
		r.disagreements++
		r.lock.Unlock()
		r.show(m.Seed, s, all, real[i], ours[i])
		if kind := shape(all); !seen[kind] {
			seen[kind] = true
			r.shrinkAndSave(m, s, kind)
		}
	}
	if r.translate && Translate != nil && r.ours != nil {
		r.compareTranslation(m)
	}
}

// both asks the two sides at once. An error of the real side ends the mesh; one of ours is an
// answer to every request.
func (r *run) both(c Case) (real, ours []scenario.Answer, err error) {
	begin := time.Now()
	real, err = r.real(c)
	realTime := time.Since(begin)
	if err == nil && len(real) != len(c.Requests) {
		err = fmt.Errorf("%d answers to %d requests", len(real), len(c.Requests))
	}
	if err != nil || r.ours == nil {
		r.lock.Lock()
		r.realTime += realTime
		r.lock.Unlock()
		return real, nil, err
	}
	begin = time.Now()
	ours, failure := r.ours(c)
	if failure != nil {
		ours = make([]scenario.Answer, len(c.Requests))
		for i := range ours {
			ours[i].Error = failure.Error()
		}
	}
	r.lock.Lock()
	r.realTime += realTime
	r.oursTime += time.Since(begin)
	r.lock.Unlock()
	return real, ours, nil
}

func (r *run) count(a scenario.Answer) {
	r.lock.Lock()
	defer r.lock.Unlock()
	word := a.Verdict
	if a.Error != "" {
		word = "no answer"
	}
	r.verdicts[word]++
}

func (r *run) giveUp(seed uint64, requests int, err error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.unanswered += requests
	r.verdicts["no answer"] += requests
	fmt.Fprintf(r.out, "\nseed %d: the real side failed on the mesh: %v\n", seed, err)
}

func (r *run) unable(seed uint64, s scenario.Scenario, a scenario.Answer) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.unanswered++
	fmt.Fprintf(r.out, "\nseed %d %s: the real side has no answer: %s\n  request %s\n", seed, s.Name, a.Error, s.Line())
}

func (r *run) show(seed uint64, s scenario.Scenario, all []difference, real, ours scenario.Answer) {
	r.lock.Lock()
	defer r.lock.Unlock()
	fmt.Fprintf(r.out, "\nseed %d %s: DISAGREEMENT\n", seed, s.Name)
	for _, d := range all {
		fmt.Fprintf(r.out, "  %s: real %q, meshsec %q\n", d.field, d.real, d.ours)
	}
	fmt.Fprintf(r.out, "  request %s\n  real    %s\n  meshsec %s\n", s.Line(), line(real), line(ours))
}

func line(a scenario.Answer) string {
	status := number(a.HTTPStatus)
	return fmt.Sprintf("%s %s body=%q reason=%q principal=%q clientTls=%q naming=%q policy=%q rule=%s error=%q %s",
		a.Verdict, status, a.Body, a.Reason, a.Principal, a.ClientTLS, a.SecureNaming, a.Policy, number(a.Rule), a.Error, a.Raw)
}

func (r *run) shrinkAndSave(m generate.Mesh, s scenario.Scenario, kind string) {
	r.lock.Lock()
	full := r.saved >= r.keep
	if !full {
		r.saved++
	}
	number := r.saved
	r.lock.Unlock()
	if full {
		return
	}
	small := r.shrink(candidate{docs: m.Docs, request: s, features: m.Features}, kind)
	c := small.toCase()
	real, ours, err := r.both(c)
	if err != nil {
		return
	}
	r.show(m.Seed, small.request, compare(small.request, real[0], ours[0]), real[0], ours[0])
	r.lock.Lock()
	defer r.lock.Unlock()
	fmt.Fprintf(r.out, "  shrunk manifests:\n    %s\n", strings.ReplaceAll(strings.TrimSpace(c.Manifests), "\n", "\n    "))
	if r.regressions == "" {
		return
	}
	c.Requests[0].Expect = expectation(real[0])
	where, err := save(r.regressions, fmt.Sprintf("%d-%d", m.Seed, number), c)
	if err != nil {
		fmt.Fprintf(r.out, "  not saved: %v\n", err)
		return
	}
	fmt.Fprintf(r.out, "  saved as %s\n", where)
}

func (r *run) compareTranslation(m generate.Mesh) {
	all, err := Translate(m, r.meshsec)
	r.lock.Lock()
	defer r.lock.Unlock()
	if errors.Is(err, ErrNotCompared) {
		return
	}
	r.translated++
	if err != nil {
		all = append(all, "translation was not compared: "+err.Error())
	}
	if len(all) > 0 {
		r.mistranslated++
		fmt.Fprintf(r.out, "\nseed %d: TRANSLATION DIFFERS\n  %s\n", m.Seed, strings.Join(all, "\n  "))
	}
}

// report writes a progress line every few seconds until it is told to stop.
func (r *run) report() func() {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				r.lock.Lock()
				fmt.Fprintf(r.progress, "%s: %d of %d meshes, %d requests, %d disagreements, %d without an answer\n",
					time.Since(r.started).Round(time.Second), r.meshesDone, r.meshes, r.requestsDone, r.disagreements, r.unanswered)
				r.lock.Unlock()
			}
		}
	}()
	return func() { close(done); <-ended }
}

func (r *run) summary() int {
	elapsed := time.Since(r.started)
	var counts []string
	var words []string
	for word := range r.verdicts {
		words = append(words, word)
	}
	sort.Strings(words)
	for _, word := range words {
		n := r.verdicts[word]
		counts = append(counts, fmt.Sprintf("%s %d (%.0f%%)", word, n, 100*float64(n)/float64(max(1, r.requestsDone))))
	}
	fmt.Fprintf(r.out, "\n%d meshes, %d requests, %d disagreements; %s; %.0f requests/s (%.2f s per mesh in the real side, %.3f s in meshsec)\n",
		r.meshesDone, r.requestsDone, r.disagreements, strings.Join(counts, ", "), float64(r.requestsDone)/elapsed.Seconds(),
		r.realTime.Seconds()/float64(max(1, r.meshesDone)), r.oursTime.Seconds()/float64(max(1, r.meshesDone)))
	if r.translated > 0 {
		fmt.Fprintf(r.out, "%d meshes translated, %d of them differently\n", r.translated, r.mistranslated)
	}
	failed := r.disagreements + r.unanswered + r.mistranslated
	fmt.Fprintf(r.out, "%d passed, %d failed\n", r.requestsDone-r.disagreements-r.unanswered+r.translated-r.mistranslated, failed)
	if failed > 0 || r.requestsDone == 0 {
		return 1
	}
	return 0
}
