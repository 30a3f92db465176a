// Command apiserver is the real kube-apiserver with the real etcd in one process, and the real kubectl, for tests.
//
//	apiserver serve --dir DIR     serves until its standard input closes; its error output is both servers' log
//	apiserver kubectl ...         is kubectl
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"

	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

const usage = `usage:
  apiserver serve --dir DIR [--crds FILE] [--temporary]   writes DIR/kubeconfig and prints {"url"} when it is ready
  apiserver kubectl ...
`

func main() {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "kubectl":
		os.Args = os.Args[1:]
		kubectl()
	case len(os.Args) > 1 && os.Args[1] == "serve":
		if err := serveCommand(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "apiserver:", err)
			os.Exit(1)
		}
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
}

// kubectl is kubectl's own command, which reads os.Args.
func kubectl() {
	_, _ = logs.GlogSetter(cmd.GetLogVerbosity(os.Args))
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}

func serveCommand(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	dir := flags.String("dir", "", "where the data, the keys and the logs are; the same folder again is the same server")
	crds := flags.String("crds", "", "resource definitions to install before it counts as ready")
	temporary := flags.Bool("temporary", false, "remove the folder at the end")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" || flags.NArg() > 0 {
		return errors.New("--dir names a folder, and there are no other arguments")
	}
	failure := serve(*dir, *crds)
	if *temporary {
		failure = errors.Join(failure, os.RemoveAll(*dir))
	}
	return failure
}
