// Package authority asks istiod's own code whether it would load the files of the secret `cacerts`, lets it sign a
// workload's certificate with them, asks a peer about that, and compares all of it with `meshsec ca verify`.
package authority

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
	_ "unsafe" // for the functions of istiod's start that it does not export

	_ "istio.io/istio/pilot/pkg/bootstrap"
	"istio.io/istio/pkg/log"
	"istio.io/istio/security/pkg/pki/ca"
)

//go:linkname detectFiles istio.io/istio/pilot/pkg/bootstrap.detectSigningCABundleAndCRL
func detectFiles() (ca.SigningCAFileBundle, error)

//go:linkname checkComplete istio.io/istio/pilot/pkg/bootstrap.checkCABundleCompleteness
func checkComplete(key, cert, root string, chain []string) (complete, exists bool, err error)

//go:linkname subsetRelation istio.io/istio/pilot/pkg/bootstrap.pemBundleHasSubsetRelation
func subsetRelation(a, b []byte) bool

// errSelfSigned says that istiod would make an authority of its own.
var errSelfSigned = errors.New("none of the files is there")

// istiod finds its directory in the environment, which the process has one of.
var environment sync.Mutex

func init() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
}

// Load does what istiod's createIstioCA does with plugged-in files.
func Load(dir string) (*ca.IstioCA, ca.SigningCAFileBundle, error) {
	environment.Lock()
	os.Setenv("ROOT_CA_DIR", dir)
	files, err := detectFiles()
	environment.Unlock()
	if err != nil {
		return nil, files, fmt.Errorf("unable to determine signing file format %v", err)
	}
	complete, exists, err := checkComplete(files.SigningKeyFile, files.SigningCertFile, files.RootCertFile, files.CertChainFiles)
	switch {
	case err != nil:
		return nil, files, fmt.Errorf("failed to create an istiod CA: %w", err)
	case !complete && exists:
		return nil, files, errors.New("failed to create an istiod CA: incomplete signing CA bundle detected")
	case !complete:
		return nil, files, errSelfSigned
	}
	options, err := ca.NewPluggedCertIstioCAOptions(files, 24*time.Hour, 90*24*time.Hour, 2048)
	if err != nil {
		return nil, files, fmt.Errorf("failed to create an istiod CA: %v", err)
	}
	authority, err := ca.NewIstioCA(options)
	if err != nil {
		return nil, files, fmt.Errorf("failed to create an istiod CA: %v", err)
	}
	return authority, files, nil
}
