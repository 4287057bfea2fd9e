package service

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
)

// mqttConnect is CONNECT of MQTT 3.1.1 §3.1: clean session, no name, no
// password, and an identifier of its own.
const mqttConnect = "\x10\x18" + "\x00\x04MQTT" + "\x04" + "\x02" + "\x00\x0a" + "\x00\x0csansang-scan"

var mqtt = protocol{name: "mqtt", ports: []int{1883, 8883}, hello: mqttConnect, knows: func(asked bool, h string) (Service, bool) {
	return Service{Banner: "CONNACK"}, asked && len(h) == 4 && text(h, "\x20\x02") && h[2] <= 1 && h[3] <= 5
}}

func askMQTT(ctx context.Context, t Target) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.ask(mqttConnect, atLeast(4))
		if len(said) != 4 || !text(said, "\x20\x02") {
			return strange(said, err)
		}
		switch said[3] { // §3.2.2.3
		case 0:
			a = open("CONNECT without a name: accepted")
			_ = k.say("\xe0\x00") // DISCONNECT
		case 4, 5:
			a = shut("CONNECT without a name: code %d", said[3])
		default:
			return strange(said, nil)
		}
		return nil
	})
	return a, err
}

// amqp is AMQP 0-9-1 §4.2.2: header, then Connection.Start.
var amqp = protocol{name: "amqp", ports: []int{5672, 5671}, hello: amqpHeader, rare: true, knows: func(asked bool, h string) (Service, bool) {
	_, ok := amqpMechanisms(h)
	return Service{Product: amqpProduct(h), Banner: "Connection.Start"}, asked && (ok || len(h) == 8 && text(h, "AMQP"))
}}

const amqpHeader = "AMQP\x00\x00\x09\x01"

func amqpProduct(h string) string {
	if has(h, "RabbitMQ") {
		return "RabbitMQ"
	}
	return ""
}

// amqpMechanisms reads the mechanisms of Connection.Start (§1.4.2.1).
func amqpMechanisms(h string) (string, bool) {
	if len(h) < 17 || !text(h, "\x01\x00\x00") || h[7:11] != "\x00\x0a\x00\x0a" {
		return "", false
	}
	table := uint64(binary.BigEndian.Uint32([]byte(h[13:])))
	if 17+table+4 > uint64(len(h)) {
		return "", false
	}
	rest := h[17+table:]
	n := uint64(binary.BigEndian.Uint32([]byte(rest)))
	if n > 1000 || 4+n > uint64(len(rest)) {
		return "", false
	}
	return rest[4 : 4+n], true
}

// askAMQP reads which ways to log in there are. ANONYMOUS is one that needs
// none (RFC 4505), but whether it lets in was not tried.
func askAMQP(ctx context.Context, t Target) (Access, error) {
	a, err := one(ctx, t, amqpHeader, func(s string) bool { _, ok := amqpMechanisms(s); return ok }, func(s string) (Access, bool) {
		m, ok := amqpMechanisms(s)
		if has(m, "ANONYMOUS") {
			return Access{}, true
		}
		return shut("Connection.Start: %s", m), ok
	})
	if err == nil && a.Door == Untold {
		err = ErrNeedsLogin
	}
	return a, err
}

// kafkaRequest is a request with header 1 and no client id: kafka.apache.org,
// Protocol, Request Header.
func kafkaRequest(key, version uint16, body string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(10+len(body)))
	b = binary.BigEndian.AppendUint16(b, key)
	b = binary.BigEndian.AppendUint16(b, version)
	return string(b) + "SANS" + "\xff\xff" + body
}

var kafka = protocol{name: "kafka", ports: []int{9092, 9093}, hello: kafkaRequest(18, 0, ""), rare: true, knows: func(asked bool, h string) (Service, bool) {
	b, ok := kafkaBody(h)
	return Service{Product: "Kafka", Banner: "ApiVersions"}, asked && ok && text(b, "\x00\x00")
}}

func kafkaBody(h string) (string, bool) {
	if len(h) < 10 || h[4:8] != "SANS" || uint64(binary.BigEndian.Uint32([]byte(h))) > uint64(len(h)-4) {
		return "", false
	}
	return h[8:], true
}

// askKafka asks how one logs in (SaslHandshake): a listener without that says
// ILLEGAL_SASL_STATE (34), and then answers what no stranger should be told;
// of the others it is learnt that they want a log-in.
func askKafka(ctx context.Context, t Target) (a Access, err error) {
	whole := func(s string) bool { _, ok := kafkaBody(s); return ok }
	sasl := false
	err = t.speak(ctx, func(k *talk) error {
		said, err := k.ask(kafkaRequest(17, 0, "\x00\x05PLAIN"), whole)
		b, ok := kafkaBody(said)
		if !ok || len(b) < 2 {
			return strange(said, err)
		}
		code := binary.BigEndian.Uint16([]byte(b))
		if sasl = code == 0 || code == 33; !sasl && code != 34 {
			return strange(said, nil)
		}
		return nil
	})
	if err != nil {
		return a, err
	}
	if sasl {
		return shut("SaslHandshake: wants a log-in"), nil
	}
	return one(ctx, t, kafkaRequest(3, 1, "\x00\x00\x00\x00"), whole, func(s string) (Access, bool) { // Metadata of no topic
		return open("Metadata without a log-in: answered"), whole(s)
	})
}

// zookeeper answers words of four letters: ZooKeeper Administrator's Guide.
var zookeeper = protocol{name: "zookeeper", ports: []int{2181}, hello: "srvr", rare: true, knows: func(asked bool, h string) (Service, bool) {
	if text(h, "Zookeeper version: ") {
		v, _, _ := strings.Cut(strings.TrimPrefix(firstLine(h), "Zookeeper version: "), "-")
		return Service{Product: "ZooKeeper", Version: v}, true
	}
	return Service{Product: "ZooKeeper"}, asked && text(h, "srvr is not executed because it is not in the whitelist")
}}

// askZooKeeper asks nothing more: srvr is answered to anybody by default,
// whether or not a session needs a log-in (ZooKeeper Administrator's Guide,
// 4lw.commands.whitelist), and a session writes into the server's log.
func askZooKeeper(context.Context, Target) (Access, error) {
	return Access{}, fmt.Errorf("%w: only a session, which writes into its log, would show what is behind", ErrNeedsLogin)
}
