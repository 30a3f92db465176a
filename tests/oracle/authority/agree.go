package authority

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

// answer is what a side says about a case.
type answer struct {
	accepted bool
	message  string // istiod's, when it refuses
	agents   bool   // whether Go peers accept what istiod signs
	proxies  bool   // whether Envoys do; only meshsec says so here
	usable   bool
	why      string // the peers', when they refuse
}

type options struct {
	meshsec string
	cases   int
	seed    uint64
	keep    string
	workers int
	verbose bool
}

// Agree is `oracle authority agree`. It exits 0 when nothing differs, 1 when something does, 2 on bad usage.
func Agree(args []string) int {
	var o options
	flags := flag.NewFlagSet("oracle authority agree", flag.ContinueOnError)
	flags.StringVar(&o.meshsec, "meshsec", "", "the meshsec `binary`; \"none\" asks istiod alone")
	flags.IntVar(&o.cases, "cases", 2000, "how many sets of files")
	flags.Uint64Var(&o.seed, "seed", 0, "the first case's seed; 0 takes one from the clock")
	flags.StringVar(&o.keep, "keep", "", "`directory` to leave the files of disagreements in")
	flags.IntVar(&o.workers, "workers", 2, "cases at a time")
	flags.BoolVar(&o.verbose, "v", false, "print every case")
	if err := flags.Parse(args); err != nil || o.meshsec == "" || flags.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "oracle authority agree: --meshsec is missing, or an argument is not expected")
		return 2
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano()) % 1_000_000_000
	}
	r := &run{options: o, out: os.Stdout, refusals: map[string]int{}, peers: map[string]int{}}
	return r.all()
}

type run struct {
	options
	out io.Writer

	lock             sync.Mutex
	next             int
	passed, failed   int
	accepted, agents int
	usable           int
	sameWords        int
	refusals, peers  map[string]int
}

func (r *run) all() int {
	fmt.Fprintf(r.out, "seed %d, %d sets of files\n", r.seed, r.cases)
	ring()
	root := must(os.MkdirTemp("", "authority"))
	defer os.RemoveAll(root)
	var workers sync.WaitGroup
	for range r.workers {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for {
				r.lock.Lock()
				number := r.next
				r.next++
				r.lock.Unlock()
				if number >= r.cases {
					return
				}
				r.one(Make(r.seed+uint64(number), time.Now()), filepath.Join(root, fmt.Sprint(number)))
			}
		}()
	}
	workers.Wait()
	return r.summary()
}

// one compares one case.
func (r *run) one(c Case, dir string) {
	must(0, c.write(dir))
	defer os.RemoveAll(dir)
	real := istiod(dir)
	ours := real
	var err error
	if r.meshsec != "none" {
		ours, err = meshsec(r.meshsec, dir)
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	if real.accepted {
		r.accepted++
		if !real.agents {
			r.peers[class(real.why)]++
		}
	} else {
		r.refusals[class(real.message)]++
	}
	if real.agents {
		r.agents++
	}
	if ours.usable {
		r.usable++
	}
	wrong := differences(real, ours)
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	if real.message == ours.message {
		r.sameWords++
	}
	if r.verbose {
		fmt.Fprintf(r.out, "seed %d: %+v\n  done %s\n", c.Seed, real, strings.Join(c.Done, "; "))
	}
	if len(wrong) == 0 {
		r.passed++
		return
	}
	r.failed++
	fmt.Fprintf(r.out, "\nseed %d: DISAGREEMENT: %s\n  done    %s\n  istiod  accepted=%v %s\n  peer    accepts=%v %s\n  meshsec accepted=%v %s agents=%v %s\n",
		c.Seed, strings.Join(wrong, ", "), strings.Join(c.Done, "; "), real.accepted, real.message, real.agents, real.why,
		ours.accepted, ours.message, ours.agents, ours.why)
	if r.keep != "" {
		if err := c.write(filepath.Join(r.keep, fmt.Sprint(c.Seed))); err != nil {
			fmt.Fprintln(r.out, "  not kept:", err)
		}
	}
}

func (c Case) write(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for file, content := range c.Files {
		if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func differences(real, ours answer) []string {
	var wrong []string
	if real.accepted != ours.accepted {
		wrong = append(wrong, "accepted")
	}
	if real.agents != ours.agents {
		wrong = append(wrong, "agents")
	}
	if ours.usable != (ours.accepted && ours.agents && ours.proxies) {
		wrong = append(wrong, "usable")
	}
	if class(real.message) != class(ours.message) {
		wrong = append(wrong, "reason")
	}
	return wrong
}

// classes are the parts of istiod's and Go's messages that name a check.
var classes = []string{
	"incomplete signing CA bundle", "failed to parse cert PEM", "failed to parse private key PEM", "the cert does not match the key",
	"failed to parse cert chain", "failed to parse CRL PEM", "missing CRL signed by certificates", "is not authorized to sign other certificates",
	"failed to get cert chain TTL", "cert chain has expired",
	// The reasons of a path; the last one that fits is the innermost.
	"unknown authority", "unhandled critical extension", "is before", "is after", "too many intermediates", "parent certificate cannot sign", "insecure algorithm",
	"incompatible key usage", "not authorized to sign for this name", "invalid policies", "attempts limit", "cannot verify the cert",
	"istiod cannot sign", "block", "revocation list", "no current list", "revoked", "anchor",
}

func class(message string) string {
	if message == "" {
		return ""
	}
	if strings.Contains(message, "cannot verify the cert") {
		for _, words := range []string{
			"unhandled critical extension", "is before", "is after", "too many intermediates", "parent certificate cannot sign", "insecure algorithm",
			"incompatible key usage", "not authorized to sign for this name", "invalid policies", "attempts limit",
			"is not authorized to sign other certificates", "unknown authority",
		} {
			if strings.Contains(message, words) {
				return "cannot verify the cert: " + words
			}
		}
	}
	for _, words := range classes {
		if strings.Contains(message, words) {
			return words
		}
	}
	return message
}

// istiod asks istiod's loader, and a peer about what it signs.
func istiod(dir string) answer {
	authority, files, err := Load(dir)
	if errors.Is(err, errSelfSigned) {
		return answer{}
	}
	if err != nil {
		return answer{message: err.Error()}
	}
	if err := peer(authority, files, time.Now()); err != nil {
		return answer{accepted: true, why: err.Error()}
	}
	return answer{accepted: true, agents: true}
}

// meshsec asks `meshsec ca verify`.
func meshsec(binary, dir string) (answer, error) {
	command := exec.Command(binary, "ca", "verify", dir, "-o", "json")
	out, err := command.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		stderr := ""
		if exit != nil {
			stderr = string(exit.Stderr)
		}
		return answer{}, fmt.Errorf("meshsec: %v %s", err, stderr)
	}
	var view struct {
		AcceptedByIstiod, AcceptedByAgents, AcceptedByProxies bool
		IstiodError                                           *string
		Usable                                                bool
		Findings                                              []struct{ Name, Severity, Message string }
	}
	if err := json.Unmarshal(out, &view); err != nil {
		return answer{}, fmt.Errorf("meshsec: %v", err)
	}
	a := answer{accepted: view.AcceptedByIstiod, agents: view.AcceptedByAgents, proxies: view.AcceptedByProxies, usable: view.Usable}
	if view.IstiodError != nil {
		a.message = *view.IstiodError
	}
	for _, finding := range view.Findings {
		if finding.Severity == "error" {
			a.why += finding.Name + ": " + finding.Message + "; "
		}
	}
	if (err == nil) != view.Usable {
		return a, fmt.Errorf("meshsec: exit status %v does not fit usable=%v", err, view.Usable)
	}
	return a, nil
}

func (r *run) summary() int {
	fmt.Fprintf(r.out, "\nistiod accepts %d, of which agents accept %d and meshsec finds %d usable; istiod's own words %d times\n", r.accepted, r.agents, r.usable, r.sameWords)
	for title, counts := range map[string]map[string]int{"istiod refuses": r.refusals, "peers refuse": r.peers} {
		var words []string
		for word := range counts {
			words = append(words, word)
		}
		sort.Slice(words, func(i, j int) bool { return counts[words[i]] > counts[words[j]] })
		fmt.Fprintf(r.out, "%s:\n", title)
		for _, word := range words {
			fmt.Fprintf(r.out, "  %6d %s\n", counts[word], word)
		}
	}
	fmt.Fprintf(r.out, "%d passed, %d failed\n", r.passed, r.failed)
	if r.failed > 0 {
		return 1
	}
	return 0
}
