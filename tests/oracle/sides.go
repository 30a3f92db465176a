package main

import (
	"context"
	"errors"

	"oracle/agree"
	"oracle/answer"
	"oracle/generate"
	"oracle/scenario"
	"oracle/translate"
)

// Package agree links neither istiod nor Envoy; this program does.
func init() {
	agree.Real = func(c agree.Case) ([]scenario.Answer, error) {
		mesh := answer.Mesh{Manifests: c.Manifests, Features: c.Features}
		return answer.Answer(context.Background(), mesh, c.Requests)
	}
	agree.Translate = func(m generate.Mesh, meshsec string) ([]string, error) {
		found, err := translate.Diff(answer.Mesh{Manifests: m.Manifests, Features: m.Features}, meshsec)
		if errors.Is(err, translate.ErrFeatures) {
			err = agree.ErrNotCompared
		}
		return found, err
	}
}
