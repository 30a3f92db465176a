package agree

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"oracle/scenario"
)

// keptCase is a saved disagreement.
type keptCase struct {
	name string
	Case
}

const featureComment = "# feature: "

// save writes name.yaml and name.jsonl.
func save(dir, name string, c Case) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	var text bytes.Buffer
	for _, feature := range sorted(c.Features) {
		fmt.Fprintf(&text, "%s%s=%s\n", featureComment, feature, c.Features[feature])
	}
	text.WriteString(c.Manifests)
	base := filepath.Join(dir, name)
	if err := os.WriteFile(base+".yaml", text.Bytes(), 0o644); err != nil {
		return "", err
	}
	return base + ".yaml", os.WriteFile(base+".jsonl", scenario.Lines(c.Requests), 0o644)
}

// load reads every saved case of a directory, in the order of their names.
func load(dir string) ([]keptCase, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	var out []keptCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		lines, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".jsonl")
		if err != nil {
			return nil, err
		}
		requests, err := scenario.ParseLines(lines)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.TrimSuffix(file, ".yaml")+".jsonl", err)
		}
		features := map[string]string{}
		for _, line := range strings.Split(string(text), "\n") {
			if feature, ok := strings.CutPrefix(line, featureComment); ok {
				name, value, _ := strings.Cut(feature, "=")
				features[name] = value
			}
		}
		out = append(out, keptCase{filepath.Base(file), Case{Manifests: string(text), Features: features, Requests: requests}})
	}
	return out, nil
}
