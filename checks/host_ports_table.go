package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/internal/fact"
)

// portName is a TCP port with the service that IANA assigned it to, or, after
// a ~, what is usually found there if that is something else.
type portName struct {
	port int
	name string
}

// portClass is a kind of service that is not to be reachable from everywhere:
// the TCP ports of the table of services in docs/requirements, section 3. On
// some of them something else may listen: a port is no proof of a service.
type portClass struct {
	in    func(*Ports) *fact.Maybe[bool]
	ports []portName
}

var portClasses = []portClass{
	{func(h *Ports) *fact.Maybe[bool] { return &h.Web }, []portName{
		{443, "https"}, {80, "http"}, {8080, "http-alt"}, {8443, "pcsync-https ~https"}, {8000, "irdmi ~http"}, {8008, "http-alt"}, {8081, "sunproxyadmin ~http"}, {8088, "radan-http"}, {8888, "ddi-tcp-1 ~http"}}},
	{func(h *Ports) *fact.Maybe[bool] { return &h.ClearShells }, []portName{
		{23, "telnet"}, {2323, "3d-nfsd ~telnet"}, {512, "exec"}, {513, "login"}, {514, "shell"}}},
	{func(h *Ports) *fact.Maybe[bool] { return &h.RemoteDesktops }, slices.Concat([]portName{
		{3389, "ms-wbt-server"}, {5985, "wsman"}, {5986, "wsmans"}, {4899, "radmin-port"}, {5938, "~teamviewer"}},
		row(5900, 5909, "rfb"), row(6000, 6005, "x11"))},
	{func(h *Ports) *fact.Maybe[bool] { return &h.SSH }, []portName{
		{22, "ssh"}, {2222, "EtherNet-IP-1 ~ssh"}}},
	{func(h *Ports) *fact.Maybe[bool] { return &h.FileSharing }, []portName{
		{445, "microsoft-ds"}, {135, "epmap"}, {137, "netbios-ns"}, {138, "netbios-dgm"}, {139, "netbios-ssn"}, {111, "sunrpc"}, {2049, "nfs"}, {873, "rsync"}, {3260, "iscsi-target"}}},
	{func(h *Ports) *fact.Maybe[bool] { return &h.Databases }, []portName{
		{3306, "mysql"}, {5432, "postgresql"}, {1433, "ms-sql-s"}, {1434, "ms-sql-m"}, {1521, "ncube-lm ~oracle"}, {27017, "mongodb"}, {6379, "redis"}, {9042, "~cassandra"},
		{9200, "wap-wsp ~elasticsearch"}, {9300, "vrace ~elasticsearch"}, {5984, "couchdb"}, {11211, "memcache"}, {50000, "~db2"}, {2379, "etcd-client"}, {8086, "d-s-n ~influxdb"}, {8123, "~clickhouse"}, {5601, "esmagent ~kibana"}}},
	{func(h *Ports) *fact.Maybe[bool] { return &h.Management }, []portName{
		{902, "ideafarm-door ~vmware"}, {2375, "docker"}, {2376, "docker-s"}, {4786, "smart-install"}, {5000, "commplex-main ~nas"}, {5001, "commplex-link ~nas"}, {6443, "sun-sr-https ~kubernetes"},
		{8006, "wpl-analytics ~proxmox"}, {8291, "~mikrotik"}, {9090, "websm ~cockpit"}, {9100, "hp-pdl-datastr ~node-exporter"}, {10000, "ndmp ~webmin"}, {10050, "zabbix-agent"}, {10250, "~kubelet"}}},
	{func(h *Ports) *fact.Maybe[bool] { return &h.ClearMailAndDirectory }, []portName{
		{25, "smtp"}, {587, "submission"}, {110, "pop3"}, {143, "imap"}, {389, "ldap"}}},
	{func(h *Ports) *fact.Maybe[bool] { return &h.PrintersAndCameras }, []portName{
		{9100, "hp-pdl-datastr"}, {515, "printer"}, {631, "ipp"}, {554, "rtsp"}, {37777, "~camera"}, {34567, "dhanalakshmi ~camera"}, {1883, "mqtt"}}},
	{func(h *Ports) *fact.Maybe[bool] { return &h.LegacyVPN }, []portName{
		{1723, "pptp"}}},
}

// usualPorts are asked beside those of the classes: what is often open.
var usualPorts = []portName{
	{53, "domain"}, {21, "ftp"}, {465, "submissions"}, {993, "imaps"}, {995, "pop3s"}, {636, "ldaps"}, {88, "kerberos"}, {3268, "msft-gc"}, {79, "finger"}, {113, "ident"}, {119, "nntp"}, {179, "bgp"},
	{548, "afpovertcp"}, {990, "ftps"}, {1080, "socks"}, {1099, "rmiregistry"}, {1194, "openvpn"}, {2181, "eforward ~zookeeper"}, {3000, "hbci ~http"}, {3128, "ndl-aas ~http-proxy"}, {4443, "pharos ~https"},
	{5060, "sip"}, {5222, "xmpp-client"}, {5269, "xmpp-server"}, {5672, "amqp"}, {5800, "~vnc-http"}, {7001, "afs3-callback ~weblogic"}, {8009, "nvme-disc ~ajp"}, {8161, "patrol-snmp ~activemq"},
	{9000, "cslistener ~http"}, {9092, "XmlIpcRegSvc ~kafka"}, {9443, "tungsten-https"}, {15672, "~rabbitmq"}, {47001, "winrm"},
}

func row(from, to int, name string) (out []portName) {
	for p := from; p <= to; p++ {
		out = append(out, portName{p, name})
	}
	return out
}

// tellingPorts are asked first: one of them is open, or answers, on most hosts.
var tellingPorts = []int{443, 80, 8080, 53, 445, 135, 25, 3389}

// PortList is the list of TCP ports that a scan asks each host for.
type PortList struct {
	Name  string // "default", "all", or the list as it was given
	Ports []int
}

// DefaultPorts has the ports of all classes, and usual ones.
func DefaultPorts() PortList {
	out := slices.Clone(tellingPorts)
	add := func(names []portName) {
		for _, n := range names {
			if !slices.Contains(out, n.port) {
				out = append(out, n.port)
			}
		}
	}
	for _, c := range portClasses {
		add(c.ports)
	}
	add(usualPorts)
	return PortList{"default", out}
}

// ParsePorts reads "default", "all", or a list such as 22,80,8000-8100.
func ParsePorts(s string) (PortList, error) {
	switch s = strings.ReplaceAll(s, " ", ""); s {
	case "", "default":
		return DefaultPorts(), nil
	case "all":
		s = "1-65535"
	}
	var taken [1 << 16]bool
	for part := range strings.SplitSeq(s, ",") {
		low, high, isRow := strings.Cut(part, "-")
		from, err := strconv.ParseUint(low, 10, 16)
		to := from
		if err == nil && isRow {
			to, err = strconv.ParseUint(high, 10, 16)
		}
		if err != nil || from == 0 || to < from {
			return PortList{}, fmt.Errorf("%q is no port between 1 and 65535, and no row of them", part)
		}
		for p := from; p <= to; p++ {
			taken[p] = true
		}
	}
	out := PortList{Name: s}
	for _, p := range slices.Concat(tellingPorts, DefaultPorts().Ports) {
		if taken[p] {
			out.Ports, taken[p] = append(out.Ports, p), false
		}
	}
	for p, yes := range taken {
		if yes {
			out.Ports = append(out.Ports, p)
		}
	}
	if s == "1-65535" {
		out.Name = "all"
	}
	return out, nil
}

// namesOfPorts says what usually listens on ports: "23 telnet".
func namesOfPorts(ports []int) []string {
	names := map[int]string{}
	for _, c := range append(slices.Clone(portClasses), portClass{ports: usualPorts}) {
		for _, n := range c.ports {
			names[n.port] = n.name
		}
	}
	out := []string{}
	for _, p := range ports {
		name := names[p]
		if _, usual, ok := strings.Cut(name, "~"); ok {
			name = usual
		}
		out = append(out, strings.TrimSpace(fmt.Sprint(p, " ", name)))
	}
	return out
}
