package authority

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"time"

	"istio.io/istio/security/pkg/pki/util"
)

// samples is Istio's folder of sample certificates, in the module that this program was built from.
func samples() (string, error) {
	file, _ := runtime.FuncForPC(reflect.ValueOf(util.Verify).Pointer()).FileLine(0)
	root, _, found := strings.Cut(file, "/security/pkg/")
	if !found {
		return "", fmt.Errorf("istio's source is not at %q", file)
	}
	dir := filepath.Join(root, "samples", "certs")
	_, err := os.Stat(dir)
	return dir, err
}

// vector is a set of Istio's sample files.
type vector struct {
	name  string
	files map[string]string // name in the secret, name of the sample
	// what both istiod and meshsec have to say; empty: accepted
	refused string
	// SHA-256 of signer and root, and a finding that meshsec has to make
	signer, root, finding string
}

var usualFiles = map[string]string{
	"ca-cert.pem": "ca-cert.pem", "ca-key.pem": "ca-key.pem", "cert-chain.pem": "cert-chain.pem", "root-cert.pem": "root-cert.pem",
}

func with(changes map[string]string) map[string]string {
	files := map[string]string{}
	for name, sample := range usualFiles {
		files[name] = sample
	}
	for name, sample := range changes {
		if sample == "" {
			delete(files, name)
		} else {
			files[name] = sample
		}
	}
	return files
}

func vectors() []vector {
	const (
		ca   = "f867174e4a31f1792f8c0354a23f8f049bd4019729cd2ee579d67033065b2dc2"
		root = "63727a1785cab47acec5c24cc0669c20824e8ae1ac28079a4d2f8c830592e7b0"
		alt  = "40ff5d9dcaa80833bb7291ef1f89acd9f4da11d6c6006b78897d3f9e2cff86b5"
	)
	alternative := map[string]string{
		"ca-cert.pem": "ca-cert-alt.pem", "ca-key.pem": "ca-key-alt.pem", "cert-chain.pem": "cert-chain-alt.pem", "root-cert.pem": "root-cert-alt.pem",
	}
	return []vector{
		{name: "the sample authority", files: with(nil), signer: ca, root: root, finding: "basic-constraints-not-critical"},
		{name: "the sample authority, its key identifier", files: with(nil), finding: "key-identifier-absent"},
		{name: "the other sample authority", files: with(alternative), signer: alt, finding: "crl-sign-absent"},
		{name: "no chain", files: with(map[string]string{"cert-chain.pem": ""}), refused: "incomplete signing CA bundle detected"},
		{name: "a key of another authority", files: with(map[string]string{"ca-key.pem": "ca-key-alt.pem"}), refused: "the cert does not match the key"},
		{name: "a sample whose key is not its own", files: with(map[string]string{
			"ca-cert.pem": "ca-cert-alt-2.pem", "ca-key.pem": "ca-key-alt-2.pem", "cert-chain.pem": "cert-chain-alt-2.pem", "root-cert.pem": "root-cert-alt.pem",
		}), refused: "the cert does not match the key"},
		{name: "a workload as authority", files: with(map[string]string{"ca-cert.pem": "leaf-workload-foo-cert.pem", "ca-key.pem": "workload-foo-key.pem"}), refused: "not authorized to sign other certificates"},
		{name: "without cRLSign and with a list", files: with(map[string]string{"ca-crl.pem": "README.md"}), refused: "missing CRL signed by certificates"},
	}
}

// Vectors is `oracle authority vectors`: Istio's own sample files, and the rule for changes of the trust bundle.
func Vectors(args []string) int {
	flags := flag.NewFlagSet("oracle authority vectors", flag.ContinueOnError)
	binary := flags.String("meshsec", "", "the meshsec `binary`")
	if err := flags.Parse(args); err != nil || *binary == "" {
		fmt.Fprintln(os.Stderr, "oracle authority vectors: --meshsec is missing")
		return 2
	}
	dir, err := samples()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle authority vectors:", err)
		return 3
	}
	passed, failed := 0, 0
	report := func(name string, err error) {
		if err == nil {
			passed++
			return
		}
		failed++
		fmt.Printf("%s: %v\n", name, err)
	}
	for _, v := range vectors() {
		report(v.name, v.check(*binary, dir))
	}
	for name, err := range reloads(*binary) {
		report(name, err)
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return 1
	}
	return 0
}

func (v vector) check(binary, from string) error {
	dir := must(os.MkdirTemp("", "vector"))
	defer os.RemoveAll(dir)
	for name, sample := range v.files {
		content, err := os.ReadFile(filepath.Join(from, sample))
		if err != nil {
			return err
		}
		must(0, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	real := istiod(dir)
	ours, err := meshsec(binary, dir)
	if err != nil {
		return err
	}
	if wrong := differences(real, ours); len(wrong) > 0 {
		return fmt.Errorf("%s: istiod %+v, meshsec %+v", strings.Join(wrong, ", "), real, ours)
	}
	if v.refused != "" {
		if real.accepted || !strings.Contains(real.message, v.refused) {
			return fmt.Errorf("istiod says %q, expected %q", real.message, v.refused)
		}
		return nil
	}
	if !real.accepted {
		return errors.New(real.message)
	}
	return v.facts(binary, dir)
}

// facts compares what meshsec shows of the certificates.
func (v vector) facts(binary, dir string) error {
	out, _ := exec.Command(binary, "ca", "verify", dir, "-o", "json").Output()
	var view struct {
		Signer   struct{ Fingerprint string }
		Roots    []struct{ Fingerprint string }
		Findings []struct{ Name string }
	}
	if err := json.Unmarshal(out, &view); err != nil {
		return err
	}
	if v.signer != "" && view.Signer.Fingerprint != v.signer {
		return fmt.Errorf("the signer is %s", view.Signer.Fingerprint)
	}
	if v.root != "" && (len(view.Roots) != 1 || view.Roots[0].Fingerprint != v.root) {
		return fmt.Errorf("the roots are %v", view.Roots)
	}
	for _, finding := range view.Findings {
		if finding.Name == v.finding {
			return nil
		}
	}
	return fmt.Errorf("no finding %q", v.finding)
}

// reloads compares which changes of the trust bundle a running istiod takes.
func reloads(binary string) map[string]error {
	results := map[string]error{}
	now := time.Now()
	random := mathrand.New(mathrand.NewPCG(1, 2))
	var roots []made
	for i := range 3 {
		roots = append(roots, newAuthority(random, fmt.Sprint("Root ", i), ring().take(random, "P-256"), -1, now).sign(nil))
	}
	signer := newAuthority(random, "Signer", ring().take(random, "P-256"), -1, now)
	bundle := func(names string) []byte {
		var blocks []block
		for _, name := range names {
			blocks = append(blocks, certificateBlock(roots[name-'A']))
		}
		return text(blocks)
	}
	m := &maker{Rand: random}
	key := text([]block{m.keyBlock(signer.key)})
	for _, change := range []string{"A>A", "A>AB", "AB>B", "A>B", "AB>BC", "AB>BAB", "AB>", ">A", "ABC>CA"} {
		before, after, _ := strings.Cut(change, ">")
		under := roots[0].spec
		if !strings.Contains(after, "A") {
			under = roots[1].spec
		}
		certificate := text([]block{certificateBlock(copyOf(signer).sign(under))})
		write := func(roots []byte) string {
			dir := must(os.MkdirTemp("", "reload"))
			must(0, Case{Files: map[string][]byte{
				"ca-cert.pem": certificate, "ca-key.pem": key, "cert-chain.pem": certificate, "root-cert.pem": roots,
			}}.write(dir))
			return dir
		}
		old, new := write(bundle(before)), write(bundle(after))
		takes := subsetRelation(bundle(before), bundle(after)) || before == after
		if _, _, err := Load(new); err != nil {
			takes = false
		}
		out, _ := exec.Command(binary, "ca", "verify", new, "--current", old, "--multi-root", "-o", "json").Output()
		var view struct{ Reload struct{ Accepted bool } }
		err := json.Unmarshal(out, &view)
		if err == nil && view.Reload.Accepted != takes {
			err = fmt.Errorf("istiod takes it: %v", takes)
		}
		results["change of the trust bundle "+change] = err
		os.RemoveAll(old)
		os.RemoveAll(new)
	}
	return results
}

func copyOf(s *spec) *spec {
	again := *s
	again.extensions = append([]extension{}, s.extensions...)
	return &again
}
