// Package agree puts the same random questions to the real control plane and to meshsec, and
// reports, shrinks and keeps every difference.
package agree

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"oracle/generate"
	"oracle/scenario"
)

// Case is a mesh and the requests put to it, as both sides get it.
type Case struct {
	Manifests string
	Features  map[string]string
	Requests  []scenario.Scenario
}

// Side answers every request of a case, in order.
type Side func(Case) ([]scenario.Answer, error)

// Real asks istiod's code and Envoy. The program that links them sets it.
var Real Side

// ErrNotCompared says that a translation was not compared; it counts as neither right nor wrong.
var ErrNotCompared = errors.New("not compared")

// Translate compares meshsec's Envoy configuration with istiod's and lists the differences.
// The program that links istiod sets it.
var Translate func(mesh generate.Mesh, meshsec string) ([]string, error)

type options struct {
	meshsec     string
	meshes      int
	requests    int
	seed        uint64
	workers     int
	kind        string
	regressions string
	replay      string
	translate   bool
	deadline    time.Duration
	shrinkFor   time.Duration
	keep        int
}

func parse(args []string, usage io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("oracle agree", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.StringVar(&o.meshsec, "meshsec", "", "the meshsec `binary`; \"none\" asks the real side alone and looks at its answers")
	flags.IntVar(&o.meshes, "meshes", 100, "how many meshes")
	flags.IntVar(&o.requests, "requests", 40, "requests per mesh")
	flags.Uint64Var(&o.seed, "seed", 0, "the first mesh's seed; 0 takes one from the clock")
	flags.IntVar(&o.workers, "workers", 2, "meshes at a time")
	flags.StringVar(&o.kind, "kind", "all", "all, authz, jwt or mtls")
	flags.StringVar(&o.regressions, "regressions", "", "`directory` to save shrunk disagreements in")
	flags.StringVar(&o.replay, "replay", "", "`directory` of saved disagreements to ask again instead of new meshes")
	flags.BoolVar(&o.translate, "translate", false, "compare policy translate as well")
	flags.DurationVar(&o.deadline, "deadline", 0, "begin no new mesh after this time")
	flags.DurationVar(&o.shrinkFor, "shrink", time.Minute, "time to spend on making one disagreement small")
	flags.IntVar(&o.keep, "keep", 20, "how many disagreements to shrink and save; the rest are only printed")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("no arguments are expected, %q was given", flags.Arg(0))
	case o.meshsec == "":
		return o, fmt.Errorf("--meshsec is missing")
	case o.workers < 1 || o.meshes < 0 || o.requests < 1:
		return o, fmt.Errorf("--workers, --meshes and --requests are counts")
	}
	switch o.kind {
	case "all", "authz", "jwt", "mtls":
	default:
		return o, fmt.Errorf("--kind %q is none of all, authz, jwt, mtls", o.kind)
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano()) % 1_000_000_000 * 1000
	}
	return o, nil
}

// Main is `oracle agree`. It exits 0 when nothing differs, 1 when something does, 2 on bad usage.
func Main(args []string) int {
	o, err := parse(args, os.Stderr)
	if err != nil {
		if err != flag.ErrHelp {
			fmt.Fprintln(os.Stderr, "oracle agree:", err)
		}
		return 2
	}
	if Real == nil {
		fmt.Fprintln(os.Stderr, "oracle agree: this program was built without the real side")
		return 2
	}
	r := &run{options: o, real: Real, out: os.Stdout, progress: os.Stderr, started: time.Now()}
	if o.meshsec != "none" {
		r.ours = Meshsec(o.meshsec)
	}
	if o.replay != "" {
		return r.again()
	}
	return r.fresh()
}
