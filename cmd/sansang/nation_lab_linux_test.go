package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/lab"
)

// TestNationLab is the lab's process of startNation, and no test.
func TestNationLab(t *testing.T) {
	units, err := strconv.Atoi(os.Getenv(nationMark))
	if err != nil {
		t.Skip("the lab of a nation, for BenchmarkNation")
	}
	debug.SetGCPercent(400) // it shares the processors, but not the bound on memory
	nation := newNation(units)
	in := bufio.NewReader(os.Stdin)
	if _, err := in.ReadString('\n'); err != nil { // once the scanner has laid the line
		t.Fatal(err)
	}
	home, err := openTUN("home", offloads)
	if err != nil {
		t.Fatal(err)
	}
	if err := offload(home); err != nil {
		t.Fatal(err)
	}
	runAll(t, "ip link set lo up", "ip link set home up txqueuelen 50000", "ip addr add "+nationLab+"/32 dev here", "ip link set here up txqueuelen 50000",
		"ip route add "+nationScanner+" dev home src "+nationLab, "ip route add local "+nationNet+" dev lo")
	tell(t, "/proc/sys/net/ipv4/tcp_max_syn_backlog", "65536")
	tell(t, "/proc/sys/net/core/somaxconn", "65536")
	tell(t, "/proc/sys/net/ipv4/icmp_ratelimit", "0")
	dropAll(t, nation)
	var listeners []*net.TCPListener
	for _, port := range nationPorts() {
		l, err := net.ListenTCP("tcp4", &net.TCPAddr{Port: port})
		if err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
	}
	many := lab.StartMany(listeners, func(a netip.AddrPort) string { return recipeAt(nation, a) }, 3*time.Minute)
	latency, _ := time.ParseDuration(os.Getenv(nationMark + "_LATENCY"))
	line := &nationLine{from: home, to: os.NewFile(3, "back"), after: latency - tick/2}
	carried := make(chan struct{})
	go func() {
		defer close(carried)
		line.run()
	}()
	if err := os.WriteFile(os.Getenv(nationMark+"_CA"), lab.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	const self = 0 // RUSAGE_SELF
	start := usedBy(self)
	fmt.Print("ready\n")
	_, _ = io.Copy(io.Discard, in) // until the scanner is done
	accepted, servers := many.Accepted()
	line.stop.Store(true)
	<-carried
	_ = json.NewEncoder(os.Stdout).Encode(nationCost{accepted, servers, line.Packets, line.Lost, line.Late, line.CPU, start})
}

// dropAll has packets to the endpoints that are dropped go nowhere.
func dropAll(t *testing.T, nation []nationUnit) {
	var routes strings.Builder
	for _, u := range nation {
		for _, e := range u.Endpoints {
			if e.Dropped {
				fmt.Fprintf(&routes, "route add blackhole %s/32 table local\n", e.At)
			}
		}
	}
	cmd := exec.Command("ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(routes.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("routes: %v\n%s", err, out)
	}
}
