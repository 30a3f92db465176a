package answer

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"

	"oracle/istiod"
	"oracle/scenario"
)

// keysOf is what a key address serves in this scenario: a key set, the text of a file, or nothing.
func keysOf(s *scenario.Scenario, source string) (string, error) {
	raw, ok := s.JWKS[source]
	if !ok {
		return istiod.UnreachableKeys, nil
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return "", err
		}
		return compact.String(), nil
	}
	if text == "unreachable" {
		return istiod.UnreachableKeys, nil
	}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return text, nil
	}
	data, err := os.ReadFile(text)
	return string(data), err
}
