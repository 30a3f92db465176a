package agree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"oracle/scenario"
)

// Meshsec answers through `meshsec simulate batch`.
func Meshsec(binary string) Side {
	return func(c Case) ([]scenario.Answer, error) {
		dir, err := os.MkdirTemp("", "agree-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		mesh, requests := filepath.Join(dir, "mesh.yaml"), filepath.Join(dir, "requests.jsonl")
		if err := os.WriteFile(mesh, []byte(c.Manifests), 0o600); err != nil {
			return nil, err
		}
		if err := os.WriteFile(requests, scenario.Lines(unjudged(c.Requests)), 0o600); err != nil {
			return nil, err
		}
		args := []string{"simulate", "batch", "-f", mesh, requests, "-o", "jsonl"}
		for _, name := range sorted(c.Features) {
			args = append(args, "--feature", name+"="+c.Features[name])
		}
		// Some meshes hold objects that admission refuses, on purpose.
		args = append(args, "--assume-admitted")
		ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
		defer stop()
		command := exec.CommandContext(ctx, binary, args...)
		var out, complaints bytes.Buffer
		command.Stdout, command.Stderr = &out, &complaints
		failure := command.Run()
		var exit *exec.ExitError
		if failure != nil && !errors.As(failure, &exit) {
			return nil, failure
		}
		answers, err := decisions(out.Bytes())
		if err == nil && len(answers) != len(c.Requests) {
			err = fmt.Errorf("%d decisions for %d requests", len(answers), len(c.Requests))
		}
		if err != nil {
			return nil, fmt.Errorf("meshsec: %w (%v): %s", err, failure, firstLines(complaints.String(), 12))
		}
		return answers, nil
	}
}

func decisions(out []byte) ([]scenario.Answer, error) {
	var answers []scenario.Answer
	for _, line := range bytes.Split(bytes.TrimSpace(out), []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		d, err := scenario.ParseDecision(line)
		if err != nil {
			return nil, fmt.Errorf("not a decision: %w: %s", err, firstLines(string(line), 1))
		}
		answers = append(answers, d.Answer())
	}
	return answers, nil
}

// unjudged takes the expectations out: whether they hold is decided here.
func unjudged(requests []scenario.Scenario) []scenario.Scenario {
	out := make([]scenario.Scenario, len(requests))
	for i, s := range requests {
		s.Expect = nil
		out[i] = s
	}
	return out
}

func sorted(features map[string]string) []string {
	var names []string
	for name := range features {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func firstLines(text string, n int) string {
	lines := strings.SplitN(strings.TrimSpace(text), "\n", n+1)
	if len(lines) > n {
		lines = append(lines[:n], "..")
	}
	return strings.Join(lines, "\n")
}
