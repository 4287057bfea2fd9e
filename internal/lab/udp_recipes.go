package lab

import (
	"crypto/rand"
	"strings"

	"github.com/sansang/sansang/internal/lang"
)

// Well-known ports of what practice hosts speak.
var udpPorts = []int{17, 19, 53, 69, 123, 161, 389, 500, 623, 1900, 4500, 11211}

var goodUDP = []UDPRecipe{
	{Name: "udp-closed", Nature: Good, About: lang.T(
		"Mọi cổng UDP đều đóng và trả lời như vậy (ICMP port unreachable).",
		"Every UDP port is closed and says so (ICMP port unreachable).")},
	{Name: "udp-careful", Nature: Good, About: lang.T(
		"SNMP chỉ phiên bản 3, DNS từ chối truy vấn đệ quy, NTP chỉ trả giờ, IKEv2 chỉ thuật toán mạnh; các cổng khác đóng.",
		"SNMP version 3 only, DNS that refuses recursion, NTP that only gives the time, IKEv2 with strong algorithms only; all other ports closed."),
		ports: map[int]func() replier{
			161: stateless(agent{}.reply), 53: stateless(dnsReply(0x00, 5)), 123: stateless(clock{}.reply), 500: stateless(gateway{v2: true}.reply),
		}},
}

var badUDP = []UDPRecipe{
	{Name: "udp-loose", Nature: Bad, About: lang.T(
		"SNMP nhận community public, DNS đệ quy cho mọi người, NTP trả lời mode 6 và monlist, TFTP, IPMI đăng nhập nặc danh, memcached, SSDP, CLDAP, chargen, qotd đều mở; IKEv1 với thuật toán yếu.",
		"SNMP with the community public, DNS that recurses for anybody, NTP that answers mode 6 and monlist, TFTP, IPMI with anonymous log-in, memcached, SSDP, CLDAP, chargen and qotd, all open; IKEv1 with weak algorithms."),
		ports: map[int]func() replier{
			161: stateless(agent{community: "public"}.reply), 53: stateless(dnsReply(0x80, 0)), 123: stateless(clock{talks: true, ahead: 3600}.reply),
			69: stateless(tftpReply), 623: stateless(ipmiReply), 11211: stateless(memcachedReply), 1900: stateless(ssdpReply),
			389: stateless(cldapReply), 19: stateless(chargenReply), 17: stateless(quoteReply),
			500: stateless(gateway{v1: true, aggressive: true, weak: true}.reply),
		}},
	{Name: "udp-vpn-weak", Nature: Bad, About: lang.T(
		"IKEv2 nhận cả 3DES, MD5 và nhóm 1024 bit.",
		"IKEv2 that takes 3DES, MD5 and groups of 1024 bits too."),
		ports: map[int]func() replier{500: stateless(gateway{v2: true, weak: true}.reply)}},
	{Name: "udp-vpn-old", Nature: Bad, About: lang.T(
		"IKEv2 chỉ nhận 3DES và nhóm 1024 bit, im lặng với mọi đề nghị khác; từ chối IKEv1.",
		"IKEv2 that takes 3DES and groups of 1024 bits alone and is silent to any other offer; refuses IKEv1."),
		ports: map[int]func() replier{500: stateless(gateway{v2: true, old: true}.reply)}},
	{Name: "udp-vpn-nat", Nature: Bad, About: lang.T(
		"IKEv2 và IKEv1 chỉ trả lời trên cổng 4500, không có chế độ aggressive; đòi cookie.",
		"IKEv2 and IKEv1 on port 4500 only, without aggressive mode; asks for a cookie."),
		ports: map[int]func() replier{4500: stateless(marked(gateway{v2: true, v1: true, cookie: true}.reply))}},
}

var hostileUDP = []UDPRecipe{
	{Name: "udp-silent", Nature: Hostile, About: lang.T(
		"Mọi cổng UDP nhận hết và không bao giờ trả lời.",
		"Every UDP port takes everything and never answers."),
		ports: everyPort(mute)},
	{Name: "udp-garbage", Nature: Hostile, About: lang.T(
		"Trả lời mọi thứ bằng byte ngẫu nhiên.",
		"Answers everything with random bytes."),
		ports: everyPort(stateless(func([]byte) [][]byte { b := make([]byte, 300); _, _ = rand.Read(b); return one(b) }))},
	{Name: "udp-echo", Nature: Hostile, About: lang.T(
		"Gửi trả nguyên văn những gì nhận được.",
		"Sends back what it was sent."),
		ports: everyPort(stateless(func(b []byte) [][]byte { return one(b) }))},
	{Name: "udp-flood", Nature: Hostile, About: lang.T(
		"Trả lời mỗi gói tin bằng hai nghìn gói vô nghĩa dài.",
		"Answers each datagram with two thousand long ones of nonsense."),
		ports: everyPort(stateless(func([]byte) [][]byte { return flooding }))},
	{Name: "udp-goes-silent", Nature: Hostile, About: lang.T(
		"Trả lời đúng một lần trên mỗi cổng rồi im lặng.",
		"Answers once on each port, properly, then falls silent."),
		ports: map[int]func() replier{
			161: once(agent{}.reply), 123: once(clock{}.reply), 500: once(gateway{v2: true}.reply),
			53: mute, 69: mute, 623: mute, 11211: mute, 1900: mute, 389: mute, 19: mute, 17: mute, 4500: mute,
		}},
}

var flooding = func() (out [][]byte) {
	for range 2000 {
		out = append(out, []byte(strings.Repeat("\xff\x00nonsense", 100)))
	}
	return out
}()

func everyPort(r func() replier) map[int]func() replier {
	m := map[int]func() replier{}
	for _, p := range udpPorts {
		m[p] = r
	}
	return m
}

// once makes a service that answers one question and no other after it.
func once(r replier) func() replier {
	return func() replier {
		spent := false
		return func(b []byte) (out [][]byte) {
			if !spent {
				out = r(b)
				spent = len(out) > 0
			}
			return out
		}
	}
}
