package agree

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oracle/generate"
	"oracle/scenario"
)

// plainSide denies what mentions a path with `admin` while a policy of that kind stands in the
// manifests, and allows everything else.
func plainSide(c Case) ([]scenario.Answer, error) {
	var out []scenario.Answer
	for _, s := range c.Requests {
		status := 200
		a := scenario.Answer{Name: s.Name, Verdict: scenario.Allowed, HTTPStatus: &status}
		if strings.Contains(c.Manifests, "kind: AuthorizationPolicy") && strings.Contains(s.Path, "admin") {
			status = 403
			a.Verdict, a.Body = scenario.Denied, "RBAC: access denied"
		}
		out = append(out, a)
	}
	return out, nil
}

// wrongSide has a fault: with a value `GET` somewhere in the manifests and a HEAD request it denies.
func wrongSide(c Case) ([]scenario.Answer, error) {
	out, _ := plainSide(c)
	for i, s := range c.Requests {
		if s.Method == "HEAD" && strings.Contains(c.Manifests, "- GET") {
			status := 403
			out[i].Verdict, out[i].HTTPStatus = scenario.Denied, &status
		}
	}
	return out, nil
}

func newRun(out io.Writer, real, ours Side) *run {
	return &run{
		options: options{meshes: 40, requests: 30, seed: 1, workers: 2, kind: "authz", shrinkFor: 20 * time.Second, keep: 3},
		real:    real, ours: ours, out: out, progress: io.Discard, started: time.Now(),
	}
}

// total counts the requests of those meshes: a mesh of TCP ports alone has few.
func total() int {
	n := 0
	for seed := range uint64(40) {
		n += len(generate.Make(seed+1, generate.Size{Requests: 30, Kind: "authz"}).Requests)
	}
	return n
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func TestAgreement(t *testing.T) {
	var out bytes.Buffer
	if code := newRun(&out, plainSide, plainSide).fresh(); code != 0 {
		t.Fatalf("exit %d\n%s", code, out.String())
	}
	if got := lastLine(out.String()); got != fmt.Sprintf("%d passed, 0 failed", total()) {
		t.Fatal(got)
	}
	if !strings.Contains(out.String(), fmt.Sprintf("40 meshes, %d requests, 0 disagreements; allowed ", total())) {
		t.Fatal(out.String())
	}
}

func TestDisagreementIsFoundShrunkSavedAndReplayed(t *testing.T) {
	var out bytes.Buffer
	dir := t.TempDir()
	r := newRun(&out, plainSide, wrongSide)
	r.regressions = dir
	if code := r.fresh(); code != 1 || r.disagreements == 0 {
		t.Fatalf("exit %d, %d disagreements", code, r.disagreements)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if len(files) == 0 || len(files) > 3 {
		t.Fatalf("saved %v", files)
	}
	for _, file := range files {
		text, _ := os.ReadFile(file)
		if n := strings.Count(string(text), "\n"); n > 16 || !strings.Contains(string(text), "GET") {
			t.Errorf("%d lines are left:\n%s", n, text)
		}
		lines, _ := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".jsonl")
		kept, err := scenario.ParseLines(lines)
		if err != nil || len(kept) != 1 || kept[0].Expect == nil || kept[0].Expect.Verdict != scenario.Allowed || len(kept[0].Headers) > 0 || kept[0].Path != "/" {
			t.Errorf("%v %s", err, lines)
		}
	}
	again := newRun(&out, plainSide, wrongSide)
	again.replay = dir
	if code := again.again(); code != 1 || again.disagreements != len(files) {
		t.Fatalf("replay with the fault: exit %d, %d of %d", code, again.disagreements, len(files))
	}
	mended := newRun(&out, plainSide, plainSide)
	mended.replay = dir
	if code := mended.again(); code != 0 {
		t.Fatalf("replay without the fault: exit %d\n%s", code, out.String())
	}
	turned := newRun(&out, wrongSide, wrongSide) // the recorded answer guards the real side too
	turned.replay = dir
	if code := turned.again(); code != 1 {
		t.Fatal("the real side changed and nobody noticed")
	}
}

func TestRealSideWithoutAnswerFails(t *testing.T) {
	var out bytes.Buffer
	silent := func(c Case) ([]scenario.Answer, error) {
		answers, _ := plainSide(c)
		answers[0].Error = "no idea"
		return answers, nil
	}
	if code := newRun(&out, silent, plainSide).fresh(); code != 1 || lastLine(out.String()) != fmt.Sprintf("%d passed, 40 failed", total()-40) {
		t.Fatalf("exit %d: %s", code, lastLine(out.String()))
	}
}

func TestDeadline(t *testing.T) {
	var out bytes.Buffer
	slow := func(c Case) ([]scenario.Answer, error) { time.Sleep(20 * time.Millisecond); return plainSide(c) }
	r := newRun(&out, slow, plainSide)
	r.meshes, r.deadline = 100000, 200*time.Millisecond
	r.fresh()
	if r.meshesDone == 0 || r.meshesDone > 100 {
		t.Fatal(r.meshesDone)
	}
}

func TestTranslationIsCounted(t *testing.T) {
	defer func() { Translate = nil }()
	Translate = func(m generate.Mesh, _ string) ([]string, error) {
		if m.Seed%2 == 0 {
			return []string{"rbac differs"}, nil
		}
		return nil, nil
	}
	var out bytes.Buffer
	r := newRun(&out, plainSide, plainSide)
	r.translate = true
	if code := r.fresh(); code != 1 || r.mistranslated != 20 || r.translated != 40 {
		t.Fatalf("%d %d of %d", code, r.mistranslated, r.translated)
	}
}

func TestCompare(t *testing.T) {
	one, two, status := 1, 2, 403
	ok := 200
	denied := scenario.Answer{Verdict: "denied", HTTPStatus: &status, Body: "RBAC: access denied", Policy: "x/y", Rule: &one, Principal: "spiffe://td/ns/a/sa/b"}
	same := denied
	same.Principal = "td/ns/a/sa/b"
	change := func(with func(*scenario.Answer)) scenario.Answer { out := same; with(&out); return out }
	http := scenario.Scenario{Method: "GET", Protocol: "http"}
	for _, c := range []struct {
		name       string
		s          scenario.Scenario
		real, ours scenario.Answer
		want       string
	}{
		{"same", http, denied, same, ""},
		{"verdict", http, denied, change(func(a *scenario.Answer) { a.Verdict = "allowed" }), "verdict denied allowed"},
		{"undetermined", http, denied, change(func(a *scenario.Answer) { a.Verdict = "undetermined" }), "verdict denied undetermined"},
		{"status", http, denied, change(func(a *scenario.Answer) { a.HTTPStatus = &ok }), "httpStatus 403 200"},
		{"no status", http, denied, change(func(a *scenario.Answer) { a.HTTPStatus = nil }), "httpStatus 403 none"},
		{"body", http, denied, change(func(a *scenario.Answer) { a.Body = "x" }), "body"},
		{"HEAD has no body", scenario.Scenario{Method: "HEAD"}, denied, change(func(a *scenario.Answer) { a.Body = "" }), ""},
		{"principal", http, denied, change(func(a *scenario.Answer) { a.Principal = "" }), "principal"},
		{"rule", http, denied, change(func(a *scenario.Answer) { a.Rule = &two }), "rule"},
		{"policy", http, denied, change(func(a *scenario.Answer) { a.Policy = "x/z" }), "policy"},
		{"error", http, denied, scenario.Answer{Error: "line 7: no"}, "error line N: no"},
		{"refused connection", http, scenario.Answer{Verdict: "mtls-required"}, scenario.Answer{Verdict: "mtls-required", HTTPStatus: &ok, Principal: "x"}, ""},
		{"miss with a rule", http, scenario.Answer{Verdict: "denied", Reason: "rbac_access_denied_matched_policy[none]"}, scenario.Answer{Verdict: "denied", Rule: &one}, "rule"},
	} {
		if got := shape(compare(c.s, c.real, c.ours)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestMeshsec runs a stand-in for the binary: a shell script.
func TestMeshsec(t *testing.T) {
	script := filepath.Join(t.TempDir(), "meshsec")
	body := `#!/bin/sh
[ "$1 $2 $3" = "simulate batch -f" ] && [ "$6 $7 $8 $9" = "-o jsonl --feature A=b" ] || { echo "usage: $*" >&2; exit 2; }
grep -q expect "$5" && exit 2
while read -r line; do echo '{"verdict":"denied","httpStatus":403}'; done < "$5"
exit 1
`
	if err := os.WriteFile(script, []byte(body), 0o755); err != nil {
		t.Fatal(err)
	}
	m := generate.Make(3, generate.Size{Requests: 4})
	m.Requests[0].Expect = &scenario.Expect{Verdict: "denied"}
	answers, err := Meshsec(script)(Case{Manifests: m.Manifests, Requests: m.Requests, Features: map[string]string{"A": "b"}})
	if err != nil || len(answers) != 4 || answers[3].Verdict != "denied" {
		t.Fatalf("%v %v", answers, err)
	}
	if _, err := Meshsec(script)(Case{Requests: m.Requests}); err == nil || !strings.Contains(err.Error(), "usage:") {
		t.Fatal(err)
	}
	if _, err := Meshsec("/no/such/binary")(Case{Requests: m.Requests}); err == nil {
		t.Fatal("a missing binary answered")
	}
}

func TestOptions(t *testing.T) {
	o, err := parse([]string{"--meshsec", "m", "--meshes", "3", "--seed", "9", "--deadline", "20m", "--kind", "jwt"}, io.Discard)
	if err != nil || o.meshes != 3 || o.seed != 9 || o.deadline != 20*time.Minute || o.kind != "jwt" || o.workers != 2 {
		t.Fatalf("%+v %v", o, err)
	}
	for _, args := range [][]string{{}, {"--meshsec", "m", "x"}, {"--meshsec", "m", "--kind", "odd"}, {"--meshsec", "m", "--workers", "0"}, {"--bogus"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}

func TestFeaturesSurviveSaving(t *testing.T) {
	dir := t.TempDir()
	c := Case{Manifests: "kind: x\n", Features: map[string]string{"A": "1", "B": "x=y"}, Requests: []scenario.Scenario{{To: scenario.To{Service: "a.b"}}}}
	if _, err := save(dir, "1-1", c); err != nil {
		t.Fatal(err)
	}
	back, err := load(dir)
	if err != nil || len(back) != 1 || back[0].Features["B"] != "x=y" || back[0].Features["A"] != "1" || len(back[0].Requests) != 1 {
		t.Fatalf("%+v %v", back, err)
	}
}
