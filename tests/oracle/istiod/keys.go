package istiod

import (
	"encoding/json"
	"strings"

	"istio.io/istio/pilot/pkg/model"
)

// UnreachableKeys is what istiod embeds when it cannot fetch a key set.
const UnreachableKeys = model.PublicOnlyJwks

// KeySourceOf reads the address out of a stand-in; false for keys that the manifests hold themselves.
func KeySourceOf(inline string) (string, bool) {
	quoted, ok := strings.CutPrefix(inline, KeySource)
	if !ok {
		return "", false
	}
	var source string
	err := json.Unmarshal([]byte(strings.TrimSuffix(quoted, "}")), &source)
	return source, err == nil
}
