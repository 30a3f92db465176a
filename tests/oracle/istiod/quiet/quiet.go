// Package quiet gives Istio's test environment the two folders it would otherwise complain about on
// standard output. It imports only os, so Go initialises it before that environment.
package quiet

import "os"

func init() {
	for _, name := range []string{"TARGET_OUT", "LOCAL_OUT"} {
		if os.Getenv(name) == "" {
			_ = os.Setenv(name, os.TempDir())
		}
	}
}
