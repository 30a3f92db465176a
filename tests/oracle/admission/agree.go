package admission

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// verdict is what meshsec says about a document.
type verdict struct {
	Kind             string   `json:"kind"`
	Line             int      `json:"line"`
	Accepted         *bool    `json:"accepted"`
	AcceptedByIstiod *bool    `json:"acceptedByIstiod"`
	Warnings         []string `json:"admissionWarnings"`
}

type agreement struct {
	meshsec   string
	documents uint64
	seed      uint64
	workers   int
	batch     int
	shrunk    int
	out       io.Writer
	progress  io.Writer

	mutex       sync.Mutex
	mix         mix
	differences int
	undecided   int
}

// mix counts what the real gates said, so that a run can be seen to ask both ways.
type mix struct{ both, apiServerOnly, istiodOnly, neither, other, warned int }

func (m *mix) add(a Answer) {
	switch {
	case a.Accepted:
		m.both++
	case a.AcceptedByAPIServer && !a.AcceptedByIstiod:
		m.apiServerOnly++
	case !a.AcceptedByAPIServer && a.AcceptedByIstiod:
		m.istiodOnly++
	case a.AcceptedByAPIServer:
		m.other++
	default:
		m.neither++
	}
	if len(a.Warnings) > 0 {
		m.warned++
	}
}

func agreeCommand(args []string, out, progress io.Writer) (int, error) {
	a := &agreement{out: out, progress: progress}
	flags := flag.NewFlagSet("agree", flag.ContinueOnError)
	flags.StringVar(&a.meshsec, "meshsec", "", "the meshsec `binary`")
	flags.Uint64Var(&a.documents, "documents", 50_000, "how many")
	flags.Uint64Var(&a.seed, "seed", 1, "the same seed gives the same documents")
	flags.IntVar(&a.workers, "workers", 2, "batches at a time")
	flags.IntVar(&a.batch, "batch", 2000, "documents in one question to meshsec")
	flags.IntVar(&a.shrunk, "shrink", 5, "how many disagreements to make small; the rest are printed as they are")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	if a.meshsec == "" || a.workers < 1 || a.batch < 1 || flags.NArg() > 0 {
		return 2, errors.New("--meshsec names a binary; --workers and --batch are counts")
	}
	return a.run()
}

func (a *agreement) run() (int, error) {
	batches := make(chan uint64)
	failures := make(chan error, a.workers)
	var group sync.WaitGroup
	for range a.workers {
		group.Go(func() {
			gates, err := Load()
			for first := range batches {
				if err == nil {
					err = a.ask(gates, first, min(first+uint64(a.batch), a.documents))
				}
			}
			if err != nil {
				failures <- err
			}
		})
	}
	started := time.Now()
	for first := uint64(0); first < a.documents; first += uint64(a.batch) {
		batches <- first
		if first > 0 && first%(uint64(a.batch)*25) == 0 {
			fmt.Fprintf(a.progress, "%d documents, %d differences, %.0fs\n", first, a.differing(), time.Since(started).Seconds())
		}
	}
	close(batches)
	group.Wait()
	close(failures)
	for err := range failures {
		return 3, err
	}
	m := a.mix
	fmt.Fprintf(a.out, "%d documents, seed %d: accepted by both %d, by istiod only %d, by the API server only %d, refused by both %d, by turn of the gates %d; warned %d\n",
		a.documents, a.seed, m.both, m.istiodOnly, m.apiServerOnly, m.neither, m.other, m.warned)
	fmt.Fprintf(a.out, "%d differences, and %d where istiod itself answers now this, now that\n", a.differences, a.undecided)
	if a.differences > 0 {
		return 1, nil
	}
	return 0, nil
}

func (a *agreement) differing() int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.differences
}

// ask puts the documents of one batch to both sides.
func (a *agreement) ask(gates *Gates, first, end uint64) error {
	trees := make([]object, 0, end-first)
	texts := make([]string, 0, end-first)
	for number := first; number < end; number++ {
		t, written := document(a.seed, number)
		trees, texts = append(trees, t), append(texts, written)
	}
	ours, err := a.judged(texts)
	if err != nil {
		return fmt.Errorf("documents %d to %d: %w", first, end-1, err)
	}
	for i, document := range texts {
		real, err := gates.Judge(document)
		if err != nil {
			return err
		}
		a.mutex.Lock()
		a.mix.add(real)
		a.mutex.Unlock()
		if found := differences(real, ours[i]); len(found) > 0 {
			if stable, err := isStable(gates, document, real); err != nil {
				return err
			} else if !stable {
				a.mutex.Lock()
				a.undecided++
				a.mutex.Unlock()
				continue
			}
			a.report(gates, first+uint64(i), trees[i], document, found)
		}
	}
	return nil
}

// isStable says that the real gates answer the same each time. istiod walks some mappings in the order of a Go map, which is
// another one each time: of overlapping localities it refuses one order and accepts another.
func isStable(gates *Gates, document string, first Answer) (bool, error) {
	for range 40 {
		again, err := gates.Judge(document)
		if err != nil {
			return false, err
		}
		if again.Accepted != first.Accepted || again.AcceptedByIstiod != first.AcceptedByIstiod || !slices.Equal(again.Warnings, first.Warnings) {
			return false, nil
		}
	}
	return true, nil
}

// judged asks meshsec about several documents in one stream.
func (a *agreement) judged(texts []string) ([]verdict, error) {
	var stream strings.Builder
	lines := make([]int, len(texts))
	line := 1
	for i, t := range texts {
		lines[i] = line + 1
		if strings.Contains(t, "\r\n") {
			stream.WriteString("---\r\n" + t)
		} else {
			stream.WriteString("---\n" + t)
		}
		line += 1 + strings.Count(t, "\n")
	}
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	defer stop()
	command := exec.CommandContext(ctx, a.meshsec, "policy", "check", "-f", "-", "-o", "json")
	var out, complaints bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(stream.String()), &out, &complaints
	failure := command.Run()
	var exit *exec.ExitError
	if failure != nil && !errors.As(failure, &exit) {
		return nil, failure
	}
	var report struct {
		Documents []verdict `json:"documents"`
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		return nil, fmt.Errorf("meshsec: %w (%v): %s", err, failure, strings.TrimSpace(complaints.String()))
	}
	if len(report.Documents) != len(texts) {
		return nil, fmt.Errorf("meshsec answered for %d of %d documents", len(report.Documents), len(texts))
	}
	for i, d := range report.Documents {
		if d.Line != lines[i] {
			return nil, fmt.Errorf("meshsec's document %d begins in line %d, not %d:\n%s", i, d.Line, lines[i], texts[i])
		}
	}
	return report.Documents, nil
}

// differences names what the two sides disagree about.
func differences(real Answer, ours verdict) []string {
	var out []string
	say := func(what string, real bool, ours *bool) {
		switch {
		case ours == nil:
			out = append(out, fmt.Sprintf("%s: real %t, meshsec does not say", what, real))
		case real != *ours:
			out = append(out, fmt.Sprintf("%s: real %t, meshsec %t", what, real, *ours))
		}
	}
	say("accepted", real.Accepted, ours.Accepted)
	say("acceptedByIstiod", real.AcceptedByIstiod, ours.AcceptedByIstiod)
	if !slices.Equal(real.Warnings, ours.Warnings) {
		out = append(out, fmt.Sprintf("warnings: real %q, meshsec %q", real.Warnings, ours.Warnings))
	}
	return out
}

func (a *agreement) report(gates *Gates, number uint64, document object, written string, found []string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.differences++
	differs := func(t string) bool {
		ours, err := a.judged([]string{t})
		if err != nil {
			return false
		}
		real, err := gates.Judge(t)
		return err == nil && slices.EqualFunc(differences(real, ours[0]), found, sameSubject)
	}
	// It may take the way in which it was written.
	t := written
	if a.differences <= a.shrunk && differs(text(document)) {
		t = text(shrink(document, func(smaller object) bool { return differs(text(smaller)) }))
	}
	fmt.Fprintf(a.out, "document %d of seed %d\n%s%s\n", number, a.seed, t, strings.Join(found, "\n"))
	if real, err := gates.Judge(t); err == nil {
		fmt.Fprintf(a.out, "API server: %s\nistiod: %s\nistiod, about what the API server left: %s\n", orNothing(real.APIServerMessage), orNothing(real.IstiodMessage), orNothing(real.LaterMessage))
	}
	fmt.Fprintln(a.out)
}

// sameSubject says that two disagreements are about the same thing.
func sameSubject(one, other string) bool {
	subject, _, _ := strings.Cut(one, ":")
	return strings.HasPrefix(other, subject+":")
}

func orNothing(message string) string {
	if message == "" {
		return "accepts"
	}
	return strings.TrimSpace(message)
}
