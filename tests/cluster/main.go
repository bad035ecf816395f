// SPDX-License-Identifier: Apache-2.0
// gatetop-cluster: etcd, kube-apiserver, kubectl and the load tools of the tests in one program.
//
// One program links once, and the link is the slow part. The part is chosen by the name it is
// started under (etcd, kube-apiserver, kubectl are symbolic links to it) or by the first argument.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
)

// Our own parts: each takes the arguments after its name.
var tools = map[string]func(args []string) error{
	"churn": churnMain,
	"load":  loadMain,
}

func main() {
	name := filepath.Base(os.Args[0])
	if !run(name, os.Args) {
		if len(os.Args) < 2 || !run(os.Args[1], os.Args[1:]) {
			fmt.Fprintln(os.Stderr, "usage: gatetop-cluster etcd|kube-apiserver|kubectl|load|churn [argument...]")
			os.Exit(2)
		}
	}
}

// run starts the part called name with argv (argv[0] is the name) and reports whether there is one.
// It returns only after the part has ended well; a part that fails leaves through os.Exit.
func run(name string, argv []string) bool {
	os.Args = argv
	switch name {
	case "etcd":
		etcdmain.Main(argv)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kubectl":
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			util.CheckErr(err)
		}
	default:
		tool, found := tools[name]
		if !found {
			return false
		}
		if err := tool(argv[1:]); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			os.Exit(1)
		}
	}
	return true
}
