package service

import (
	"context"
	"strings"
)

const redisPing = "*1\r\n$4\r\nPING\r\n" // RESP, redis.io/docs/latest/develop/reference/protocol-spec

var redis = protocol{name: "redis", ports: []int{6379, 6380, 16379, 26379}, hello: redisPing, knows: func(asked bool, h string) (Service, bool) {
	switch {
	case text(h, "-NOAUTH ", "-DENIED Redis", "-ERR wrong number of arguments for 'get'", "-LOADING "),
		asked && text(h, "+PONG\r\n", "-ERR unknown command", "-NOPERM ", "-MISCONF ", "-MASTERDOWN ", "-ERR operation not permitted"):
		return Service{Product: "Redis"}, true
	}
	return Service{}, false
}}

// askRedis asks for the part of INFO that is about the server: a version, no
// data. A server without password answers; one in protected mode, or with a
// password for the default user, says so.
func askRedis(ctx context.Context, t Target) (Access, error) {
	return one(ctx, t, "*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n", func(s string) bool { return line(s) && (s[0] == '-' || has(s, "redis_version:")) }, func(s string) (Access, bool) {
		switch {
		case text(s, "$") && has(s, "redis_version:"):
			return open("INFO server: redis_version:%s", between(s, "redis_version:", "\r\n")), true
		case text(s, "-NOAUTH", "-DENIED", "-ERR operation not permitted"):
			return shut("INFO server: %s", strings.TrimPrefix(firstLine(s), "-")), true
		}
		return Access{}, false
	})
}

// memcache is the text protocol: memcached's doc/protocol.txt.
var memcache = protocol{name: "memcache", ports: []int{11211}, hello: "version\r\n", knows: func(asked bool, h string) (Service, bool) {
	switch {
	case asked && text(h, "VERSION "):
		return Service{Product: "memcached", Version: strings.TrimPrefix(firstLine(h), "VERSION ")}, true
	case asked && text(h, "CLIENT_ERROR unauthenticated"):
		return Service{Product: "memcached"}, true
	}
	return Service{}, false
}}

func askMemcache(ctx context.Context, t Target) (Access, error) {
	return one(ctx, t, "stats\r\n", func(s string) bool { return line(s) }, func(s string) (Access, bool) {
		switch {
		case text(s, "STAT "):
			return open("stats: %s", firstLine(s)), true
		case text(s, "CLIENT_ERROR unauthenticated"):
			return shut("stats: %s", firstLine(s)), true
		}
		return Access{}, false
	})
}
