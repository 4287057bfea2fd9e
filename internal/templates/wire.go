package templates

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	address  = regexp.MustCompile(`^(?:tls://)?(?:\{\{Hostname\}\}|\{\{Host\}\}(?::(\{\{Port\}\}|\d{1,5}))?)$`)
	ownZone  = regexp.MustCompile(`^(?:.*\.)?\{\{(?:FQDN|RDN|Host|Hostname)\}\}\.?$`)
	portList = regexp.MustCompile(`^\d{1,5}(,\d{1,5}){0,99}$`)
)

func (v *vet) tcp(request *yaml.Node) {
	hosts := items(get(request, "host"))
	for _, n := range hosts {
		m := address.FindStringSubmatch(n.Value)
		if m == nil {
			v.refuse(n, "address", n.Value)
			return
		}
		v.port(n, m[1])
	}
	if len(hosts) == 0 {
		v.refuse(request, "no-host")
	}
	v.ports(get(request, "port"))
	v.atMost(request, "read-size", mostRead)
	for _, in := range items(get(request, "inputs")) {
		v.section(in, "inputs", inputKeys)
		v.atMost(in, "read", mostRead)
	}
	v.t.Steps += max(len(hosts), 1) * v.times(request)
}

func (v *vet) ssl(request *yaml.Node) {
	if n := get(request, "address"); n != nil {
		m := address.FindStringSubmatch(n.Value)
		if m == nil {
			v.refuse(n, "address", n.Value)
			return
		}
		v.port(n, m[1])
	}
	v.t.Steps++
	if n := get(request, "tls_cipher_enum"); n != nil {
		if is, _ := truth(n); is {
			v.t.Steps += cipherSteps
		}
	}
}

func (v *vet) dns(request *yaml.Node) {
	if n := get(request, "name"); n != nil && !ownZone.MatchString(strings.TrimSpace(n.Value)) {
		v.refuse(n, "dns-name", n.Value)
	}
	v.atMost(request, "retries", mostRetries)
	v.t.Steps += v.times(request)
}

// ports reads a list of ports, "22,2222" or 22.
func (v *vet) ports(n *yaml.Node) {
	if n == nil || n.Value == "" {
		return
	}
	if !portList.MatchString(n.Value) {
		v.refuse(n, "port", n.Value)
		return
	}
	for _, p := range strings.Split(n.Value, ",") {
		v.port(n, p)
	}
}

func (v *vet) port(n *yaml.Node, s string) {
	p, err := strconv.Atoi(s)
	if err != nil {
		return // none, or that of the endpoint
	}
	if p < 1 || p > 65535 {
		v.refuse(n, "port", s)
	} else if !slices.Contains(v.t.Ports, p) {
		v.t.Ports = append(v.t.Ports, p)
	}
}
