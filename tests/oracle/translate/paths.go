package translate

import (
	"encoding/json"
	"fmt"
	"sort"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// shown is how many differing fields of one message are printed.
const shown = 12

// differences lists the fields in which two messages differ, by path.
func differences(want, got proto.Message) []string {
	left, errLeft := fields(want)
	right, errRight := fields(got)
	if errLeft != nil || errRight != nil {
		return []string{fmt.Sprintf("cannot be read: %v, %v", errLeft, errRight)}
	}
	paths := map[string]bool{}
	for path := range left {
		paths[path] = true
	}
	for path := range right {
		paths[path] = true
	}
	var found []string
	for path := range paths {
		a, inLeft := left[path]
		b, inRight := right[path]
		switch {
		case !inLeft:
			found = append(found, fmt.Sprintf("%s: only meshsec has %s", path, b))
		case !inRight:
			found = append(found, fmt.Sprintf("%s: only istiod has %s", path, a))
		case a != b:
			found = append(found, fmt.Sprintf("%s: istiod has %s, meshsec %s", path, a, b))
		}
	}
	sort.Strings(found)
	if more := len(found) - shown; more > 0 {
		found = append(found[:shown], fmt.Sprintf("and %d more", more))
	}
	return found
}

func fields(m proto.Message) (map[string]string, error) {
	found := map[string]string{}
	if m == nil {
		return found, nil
	}
	text, err := protojson.Marshal(m)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	flatten("", tree, found)
	return found, nil
}

// flatten keeps empty objects and lists as leaves: their presence means something.
func flatten(path string, value any, into map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 {
			into[path] = "{}"
		}
		for key, inner := range v {
			flatten(path+"."+key, inner, into)
		}
	case []any:
		if len(v) == 0 {
			into[path] = "[]"
		}
		for i, inner := range v {
			flatten(fmt.Sprintf("%s[%d]", path, i), inner, into)
		}
	default:
		text, _ := json.Marshal(v)
		into[path] = string(text)
	}
}
