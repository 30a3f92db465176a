package authority

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Proxies is `oracle authority proxies`: what real Envoys make of workloads under generated authorities that istiod loads, beside
// what meshsec says of them.
func Proxies(args []string) int {
	flags := flag.NewFlagSet("oracle authority proxies", flag.ContinueOnError)
	envoy := flags.String("envoy", os.Getenv("ENVOY_BIN"), "the Envoy `binary`")
	binary := flags.String("meshsec", "", "the meshsec `binary`")
	fuzzed := flags.Bool("fuzzed", false, "also authorities whose encoding was altered before signing, which the two libraries read differently")
	wanted := flags.Int("cases", 200, "how many authorities that istiod accepts")
	seed := flags.Uint64("seed", 1, "the first case's seed")
	refusedOnly := flags.Bool("refused", false, "only those that proxies refuse")
	if err := flags.Parse(args); err != nil || *envoy == "" || *binary == "" {
		fmt.Fprintln(os.Stderr, "oracle authority proxies: --meshsec or --envoy is missing, and ENVOY_BIN not set")
		return 2
	}
	root := must(os.MkdirTemp("", "authority"))
	defer os.RemoveAll(root)
	var cases []accepted
	for number := *seed; len(cases) < *wanted; number++ {
		c := Make(number, time.Now())
		dir := filepath.Join(root, fmt.Sprint(number))
		must(0, c.write(dir))
		authority, files, err := Load(dir)
		if err != nil {
			continue
		}
		one := accepted{seed: number, done: strings.Join(c.Done, "; ")}
		if !*fuzzed && strings.Contains(one.done, "before signing") {
			continue
		}
		expected, err := meshsec(*binary, dir)
		if err != nil {
			fmt.Printf("seed %d: %v\n", number, err)
			return 1
		}
		if *refusedOnly && expected.proxies {
			continue
		}
		one.usable, one.why = expected.proxies, expected.why
		if one.credentials, err = issue(authority, files); err != nil {
			if expected.proxies {
				fmt.Printf("seed %d: istiod cannot sign: %v\n", number, err)
				return 1
			}
			continue
		}
		cases = append(cases, one)
	}
	passed, wrong := proxies(*envoy, cases)
	for _, words := range wrong {
		fmt.Println(words)
	}
	fmt.Printf("%d passed, %d failed\n", passed, len(wrong))
	if len(wrong) > 0 {
		return 1
	}
	return 0
}
