package istiod

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/config/schema/gvk"
)

const tlsModeLabel = "security.istio.io/tlsMode"

// Workload is one pod template (or WorkloadEntry) with the single instance we run of it.
type Workload struct {
	Namespace, Name string
	IP              string
	ServiceAccount  string
	Labels          map[string]string
	Annotations     map[string]string
	Sidecar         bool // a sidecar takes its inbound traffic
	Router          bool // it is a gateway proxy itself
	Ambient         bool
	ports           []corev1.ContainerPort
}

// Proxied says whether a proxy decides about connections to this port.
func (w *Workload) Proxied(port int) bool {
	if w.Router {
		return true
	}
	if !w.Sidecar || port == 15020 || port == 15021 || port == 15090 {
		return false
	}
	if listed(w.Annotations["traffic.sidecar.istio.io/excludeInboundPorts"], port) {
		return false
	}
	include, given := w.Annotations["traffic.sidecar.istio.io/includeInboundPorts"]
	return !given || include == "*" || listed(include, port)
}

// Captures says whether its sidecar takes connections that the application opens to this port.
func (w *Workload) Captures(port int) bool {
	return w.Sidecar && !listed(w.Annotations["traffic.sidecar.istio.io/excludeOutboundPorts"], port)
}

func listed(ports string, port int) bool {
	for one := range strings.SplitSeq(ports, ",") {
		if number, err := strconv.Atoi(strings.TrimSpace(one)); err == nil && number == port {
			return true
		}
	}
	return false
}

// Workload finds `namespace/name`.
func (inv *Inventory) Workload(ref string) *Workload {
	for _, w := range inv.Workloads {
		if w.Namespace+"/"+w.Name == ref {
			return w
		}
	}
	return nil
}

func (inv *Inventory) addWorkloads(objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		path, ok := templatePath(o)
		if !ok {
			continue
		}
		pod := &corev1.PodTemplateSpec{}
		raw, found, err := unstructured.NestedMap(o.Object, path...)
		if err != nil || (len(path) > 0 && !found) {
			return fmt.Errorf("%s %s/%s has no pod template", o.GetKind(), o.GetNamespace(), o.GetName())
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw, pod); err != nil {
			return fmt.Errorf("%s %s/%s: %w", o.GetKind(), o.GetNamespace(), o.GetName(), err)
		}
		inv.addPod(orDefault(o.GetNamespace()), o.GetName(), pod)
	}
	for _, c := range inv.Configs {
		entry, ok := c.Spec.(*networking.WorkloadEntry)
		if !ok || c.GroupVersionKind != gvk.WorkloadEntry {
			continue
		}
		labels := map[string]string{}
		for _, m := range []map[string]string{c.Labels, entry.Labels} {
			for k, v := range m {
				labels[k] = v
			}
		}
		mode, given := labels[tlsModeLabel]
		inv.Workloads = append(inv.Workloads, &Workload{
			Namespace: c.Namespace, Name: c.Name, IP: entry.Address, ServiceAccount: entry.ServiceAccount,
			Labels: labels, Sidecar: mode == "istio" || (!given && entry.ServiceAccount != ""),
		})
	}
	return nil
}

func templatePath(o *unstructured.Unstructured) ([]string, bool) {
	group, _, _ := strings.Cut(o.GetAPIVersion(), "/")
	switch o.GetKind() {
	case "Pod":
		return nil, o.GetAPIVersion() == "v1"
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet":
		return []string{"spec", "template"}, group == "apps"
	case "Job":
		return []string{"spec", "template"}, group == "batch"
	case "CronJob":
		return []string{"spec", "jobTemplate", "spec", "template"}, group == "batch"
	}
	return nil, false
}

func (inv *Inventory) addPod(namespace, name string, template *corev1.PodTemplateSpec) {
	number := len(inv.Workloads) + 1
	w := &Workload{
		Namespace: namespace, Name: name,
		IP:             fmt.Sprintf("10.99.%d.%d", number/250, number%250+1),
		ServiceAccount: template.Spec.ServiceAccountName,
		Labels:         map[string]string{}, Annotations: template.Annotations,
	}
	if w.ServiceAccount == "" {
		w.ServiceAccount = "default"
	}
	for k, v := range template.Labels {
		w.Labels[k] = v
	}
	for _, c := range slices.Concat(template.Spec.InitContainers, template.Spec.Containers) {
		w.ports = append(w.ports, c.Ports...)
	}
	w.Router = isRouter(template)
	w.Sidecar = !w.Router && inv.injected(namespace, template)
	w.Ambient = inv.ambient(namespace, template)
	if _, given := w.Labels[tlsModeLabel]; w.Sidecar && !given {
		w.Labels[tlsModeLabel] = "istio"
	}
	inv.Workloads = append(inv.Workloads, w)
	spec := template.Spec.DeepCopy()
	spec.ServiceAccountName, spec.NodeName = w.ServiceAccount, "node"
	for _, containers := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range containers {
			for j := range containers[i].Ports { // the API server's default
				if containers[i].Ports[j].Protocol == "" {
					containers[i].Ports[j].Protocol = corev1.ProtocolTCP
				}
			}
		}
	}
	inv.kubernetes = append(inv.kubernetes, &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: w.Labels, Annotations: w.Annotations},
		Spec:       *spec,
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: w.IP, PodIPs: []corev1.PodIP{{IP: w.IP}},
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		},
	})
}

// isRouter tells a gateway pod: it asks for the gateway template, starts the proxy as a router, or is named one.
func isRouter(t *corev1.PodTemplateSpec) bool {
	for one := range strings.SplitSeq(t.Annotations["inject.istio.io/templates"], ",") {
		if strings.TrimSpace(one) == "gateway" {
			return true
		}
	}
	for _, c := range t.Spec.Containers {
		args := slices.Concat(c.Command, c.Args)
		if slices.Contains(args, "proxy") && slices.Contains(args, "router") {
			return true
		}
	}
	return strings.HasSuffix(t.Labels["istio"], "gateway")
}

func orDefault(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}
