package istiod

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

var neverInjected = []string{"kube-system", "kube-public", "kube-node-lease", "local-path-storage"}

// injected follows the webhooks' selectors first (is the injector asked at all?) and the injector's own rule after.
func (inv *Inventory) injected(namespace string, t *corev1.PodTemplateSpec) bool {
	for _, c := range slices.Concat(t.Spec.InitContainers, t.Spec.Containers) {
		if c.Name == "istio-proxy" {
			return true // injected already, by hand or by istioctl
		}
	}
	if t.Spec.HostNetwork || slices.Contains(neverInjected, namespace) {
		return false
	}
	return inv.webhookCalled(namespace, t.Labels) && wanted(t)
}

func (inv *Inventory) webhookCalled(namespace string, pod map[string]string) bool {
	labels := inv.namespaces[namespace]
	injection, hasInjection := labels["istio-injection"]
	_, hasRevision := labels["istio.io/rev"]
	_, podRevision := pod["istio.io/rev"]
	inject := pod["sidecar.istio.io/inject"]
	switch {
	case hasInjection:
		return injection == "enabled" && inject != "false"
	case hasRevision, podRevision:
		return inject != "false"
	default:
		return inject == "true"
	}
}

// wanted is the injector's answer under the policy "enabled".
func wanted(t *corev1.PodTemplateSpec) bool {
	choice := t.Annotations["sidecar.istio.io/inject"]
	if label, ok := t.Labels["sidecar.istio.io/inject"]; ok {
		choice = label
	}
	return choice != "false"
}

// InjectedByDefault says whether an ordinary pod of the namespace gets a sidecar.
func (inv *Inventory) InjectedByDefault(namespace string) bool {
	return inv.injected(namespace, &corev1.PodTemplateSpec{})
}

func (inv *Inventory) ambient(namespace string, t *corev1.PodTemplateSpec) bool {
	mode, ok := t.Labels["istio.io/dataplane-mode"]
	if !ok {
		mode = inv.namespaces[namespace]["istio.io/dataplane-mode"]
	}
	return mode == "ambient"
}
