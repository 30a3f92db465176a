package istiod

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/config/schema/gvk"
)

// Service is an address that callers use: a Kubernetes Service or one host of a ServiceEntry.
type Service struct {
	Namespace, Name string
	Host            string
	Ports           []ServicePort
	Backends        []*Workload
	External        bool // no workload of the manifests stands behind it
}

// ServicePort is one port; Target gives the workload's port.
type ServicePort struct {
	Name   string
	Number int
	target intstr.IntOrString
}

// Target maps the service port to the workload's own port.
func (p ServicePort) Target(w *Workload) int {
	if p.target.Type == intstr.Int {
		if p.target.IntVal != 0 {
			return int(p.target.IntVal)
		}
		return p.Number
	}
	if w != nil {
		for _, c := range w.ports {
			if c.Name == p.target.StrVal {
				return int(c.ContainerPort)
			}
		}
	}
	return 0
}

// Service finds `name.namespace`, a full host, or a bare name in the given namespace.
func (inv *Inventory) Service(ref, namespace string) *Service {
	short := strings.TrimSuffix(strings.TrimSuffix(ref, ".cluster.local"), ".svc")
	for _, s := range inv.Services {
		if s.Host == ref || (s.Name != "" && s.Name+"."+s.Namespace == short) {
			return s
		}
	}
	if !strings.Contains(ref, ".") {
		for _, s := range inv.Services {
			if s.Name == ref && s.Namespace == namespace {
				return s
			}
		}
	}
	return nil
}

func (inv *Inventory) addServices(objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		switch {
		case o.GetKind() == "Service" && o.GetAPIVersion() == "v1":
			service, err := typed[corev1.Service](o)
			if err != nil {
				return err
			}
			inv.addService(service)
		case o.GetKind() == "EndpointSlice":
			if err := inv.addKubernetes(o); err != nil {
				return err
			}
		}
	}
	inv.addServiceEntries()
	return nil
}

func (inv *Inventory) addService(service *corev1.Service) {
	service.Namespace = orDefault(service.Namespace)
	number := len(inv.Services) + 1
	if service.Spec.ClusterIP == "" && service.Spec.Type != corev1.ServiceTypeExternalName {
		service.Spec.ClusterIP = fmt.Sprintf("10.96.%d.%d", number/250, number%250+1)
	}
	if service.CreationTimestamp.IsZero() {
		service.CreationTimestamp = metav1.Unix(1767225600, 0)
	}
	for i := range service.Spec.Ports { // the API server's defaults
		p := &service.Spec.Ports[i]
		if p.TargetPort == (intstr.IntOrString{}) || p.TargetPort == intstr.FromString("") {
			p.TargetPort = intstr.FromInt32(p.Port)
		}
		if p.Protocol == "" {
			p.Protocol = corev1.ProtocolTCP
		}
	}
	inv.kubernetes = append(inv.kubernetes, service)
	s := &Service{Namespace: service.Namespace, Name: service.Name, Host: service.Name + "." + service.Namespace + ".svc.cluster.local"}
	for _, p := range service.Spec.Ports {
		s.Ports = append(s.Ports, ServicePort{Name: p.Name, Number: int(p.Port), target: p.TargetPort})
	}
	if len(service.Spec.Selector) > 0 {
		for _, w := range inv.Workloads {
			if w.Namespace == s.Namespace && contains(w.Labels, service.Spec.Selector) {
				s.Backends = append(s.Backends, w)
			}
		}
	}
	s.External = len(s.Backends) == 0
	inv.Services = append(inv.Services, s)
	inv.addEndpoints(service, s)
}

// addEndpoints makes one slice per backend: named target ports may differ between them.
func (inv *Inventory) addEndpoints(service *corev1.Service, s *Service) {
	ready := true
	for i, w := range s.Backends {
		slice := &discoveryv1.EndpointSlice{
			TypeMeta: metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"},
			ObjectMeta: metav1.ObjectMeta{
				Name: fmt.Sprintf("%s-%d", service.Name, i), Namespace: service.Namespace,
				Labels: map[string]string{discoveryv1.LabelServiceName: service.Name},
			},
			AddressType: discoveryv1.AddressTypeIPv4,
			Endpoints: []discoveryv1.Endpoint{{
				Addresses: []string{w.IP}, Conditions: discoveryv1.EndpointConditions{Ready: &ready},
				TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: w.Namespace, Name: w.Name},
			}},
		}
		for n, p := range s.Ports {
			name, number, protocol := p.Name, int32(p.Target(w)), corev1.ProtocolTCP
			if number == 0 || service.Spec.Ports[n].Protocol != corev1.ProtocolTCP {
				continue
			}
			slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &name, Port: &number, Protocol: &protocol})
		}
		inv.kubernetes = append(inv.kubernetes, slice)
	}
}

func (inv *Inventory) addServiceEntries() {
	for _, c := range inv.Configs {
		entry, ok := c.Spec.(*networking.ServiceEntry)
		if !ok || c.GroupVersionKind != gvk.ServiceEntry {
			continue
		}
		for _, host := range entry.Hosts {
			s := &Service{Namespace: c.Namespace, Host: host}
			for _, p := range entry.Ports {
				s.Ports = append(s.Ports, ServicePort{Name: p.Name, Number: int(p.Number), target: intstr.FromInt32(int32(p.TargetPort))})
			}
			if want := entry.WorkloadSelector.GetLabels(); len(want) > 0 {
				for _, w := range inv.Workloads {
					if w.Namespace == c.Namespace && contains(w.Labels, want) {
						s.Backends = append(s.Backends, w)
					}
				}
			}
			for _, e := range entry.Endpoints {
				for _, w := range inv.Workloads {
					if w.IP == e.Address {
						s.Backends = append(s.Backends, w)
					}
				}
			}
			s.External = len(s.Backends) == 0
			inv.Services = append(inv.Services, s)
		}
	}
}

func contains(labels, want map[string]string) bool {
	for k, v := range want {
		if got, ok := labels[k]; !ok || got != v {
			return false
		}
	}
	return true
}
