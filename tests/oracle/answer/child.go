package answer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"oracle/scenario"
)

// childMark is set for a process that answers one mesh under other feature flags: istiod reads them at start.
const childMark = "ORACLE_ANSWER_CHILD"

type task struct {
	Mesh     Mesh                `json:"mesh"`
	Requests []scenario.Scenario `json:"requests"`
}

type outcome struct {
	Answers []scenario.Answer `json:"answers"`
	Error   string            `json:"error,omitempty"`
}

// RunChild does a child's work and ends the process; in any other process it does nothing. Programs that
// call Answer with features call it first thing in main, tests in TestMain.
func RunChild() {
	if os.Getenv(childMark) == "" {
		return
	}
	result := work(os.Stdin)
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		os.Exit(3)
	}
	os.Exit(0)
}

func work(from io.Reader) outcome {
	var t task
	if err := json.NewDecoder(from).Decode(&t); err != nil {
		return outcome{Error: err.Error()}
	}
	t.Mesh.Features = nil
	answers, err := Answer(context.Background(), t.Mesh, t.Requests)
	if err != nil {
		return outcome{Error: err.Error()}
	}
	return outcome{Answers: answers}
}

func inChild(ctx context.Context, mesh Mesh, requests []scenario.Scenario) ([]scenario.Answer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	input, err := json.Marshal(task{mesh, requests})
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, self)
	command.Stdin, command.Stderr = bytes.NewReader(input), os.Stderr
	command.Env = append(os.Environ(), childMark+"=1")
	for name, value := range mesh.Features {
		command.Env = append(command.Env, name+"="+value)
	}
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("under other feature flags: %w", err)
	}
	var result outcome
	if err := json.Unmarshal(output, &result); err != nil {
		return nil, err
	}
	if result.Error != "" {
		return nil, fmt.Errorf("under other feature flags: %s", result.Error)
	}
	return result.Answers, nil
}
