package templates

// What the keys of nuclei v3.4.10 mean here. kind is what the value must be;
// no is the rule that refuses the key, or, of a flag, its being true.
type key struct {
	kind kind
	no   string
}

type kind int

const (
	text  kind = iota // a scalar
	flag              // true or false
	count             // a whole number, not negative
	texts             // a list of scalars
	table             // a map
	list              // a list of maps
)

type section map[string]key

var top = section{
	"id": {kind: text}, "info": {kind: table}, "variables": {kind: table}, "flow": {kind: text},
	"http": {kind: list}, "requests": {kind: list}, "tcp": {kind: list}, "network": {kind: list},
	"ssl": {kind: list}, "dns": {kind: list}, "javascript": {kind: list},
	"stop-at-first-match": {kind: flag},
	"self-contained":      {flag, "self-contained"},
	"code":                {list, "code"}, "file": {list, "file"}, "headless": {list, "headless"},
	"whois": {list, "whois"}, "websocket": {list, "websocket"}, "workflows": {list, "workflows"},
	"constants": {table, "constants"}, "signature": {text, "signature"},
}

var operators = section{
	"matchers": {kind: list}, "extractors": {kind: list}, "matchers-condition": {kind: text},
}

var payloads = section{
	"payloads": {kind: table}, "attack": {kind: text}, "threads": {kind: count},
}

var http = join(operators, payloads, section{
	"id": {kind: text}, "name": {kind: text},
	"path": {kind: texts}, "raw": {kind: texts}, "method": {kind: text}, "body": {kind: text}, "headers": {kind: table},
	"max-redirects": {kind: count}, "max-size": {kind: count}, "host-redirects": {kind: flag}, "redirects": {flag, "redirects"},
	"unsafe": {kind: flag}, "read-all": {kind: flag}, "cookie-reuse": {kind: flag}, "disable-cookie": {kind: flag},
	"req-condition": {kind: flag}, "stop-at-first-match": {kind: flag}, "iterate-all": {kind: flag},
	"skip-variables-check": {kind: flag}, "skip-secret-file": {kind: flag}, "disable-path-automerge": {kind: flag},
	"digest-username": {kind: text}, "digest-password": {kind: text},
	"self-contained": {flag, "self-contained"}, "signature": {text, "signature"}, "global-matchers": {flag, "global-matchers"},
	"race": {flag, "race"}, "race_count": {count, "race"}, "pipeline": {flag, "pipeline"},
	"pipeline-concurrent-connections": {count, "pipeline"}, "pipeline-requests-per-connection": {count, "pipeline"},
	"fuzzing": {list, "fuzzing"}, "analyzer": {table, "fuzzing"}, "pre-condition": {list, "fuzzing"}, "pre-condition-operator": {text, "fuzzing"},
})

var tcp = join(operators, payloads, section{
	"id": {kind: text}, "host": {kind: texts}, "inputs": {kind: list}, "port": {kind: text}, "exclude-ports": {kind: text},
	"read-size": {kind: count}, "read-all": {kind: flag}, "stop-at-first-match": {kind: flag},
})

var input = section{"data": {kind: text}, "type": {kind: text}, "read": {kind: count}, "name": {kind: text}}

var ssl = join(operators, section{
	"id": {kind: text}, "address": {kind: text}, "min_version": {kind: text}, "max_version": {kind: text}, "scan_mode": {kind: text},
	"cipher_suites": {kind: texts}, "tls_version_enum": {kind: flag}, "tls_cipher_enum": {kind: flag}, "tls_cipher_types": {kind: texts},
})

var dns = join(operators, payloads, section{
	"id": {kind: text}, "name": {kind: text}, "type": {kind: text}, "class": {kind: text}, "retries": {kind: count}, "recursion": {kind: flag},
	"trace": {flag, "trace"}, "trace-max-recursion": {count, "trace"}, "resolvers": {texts, "resolvers"},
})

var javascript = join(operators, payloads, section{
	"id": {kind: text}, "pre-condition": {kind: text}, "code": {kind: text}, "args": {kind: table},
	"stop-at-first-match": {kind: flag}, "init": {text, "init"},
})

var matcher = section{
	"type": {kind: text}, "condition": {kind: text}, "part": {kind: text}, "negative": {kind: flag}, "name": {kind: text},
	"status": {kind: texts}, "size": {kind: texts}, "words": {kind: texts}, "regex": {kind: texts}, "binary": {kind: texts},
	"dsl": {kind: texts}, "xpath": {kind: texts}, "encoding": {kind: text}, "case-insensitive": {kind: flag},
	"match-all": {kind: flag}, "internal": {kind: flag},
}

var extractor = section{
	"name": {kind: text}, "type": {kind: text}, "regex": {kind: texts}, "group": {kind: count}, "kval": {kind: texts},
	"json": {kind: texts}, "xpath": {kind: texts}, "attribute": {kind: text}, "dsl": {kind: texts}, "part": {kind: text},
	"internal": {kind: flag}, "case-insensitive": {kind: flag},
}

func join(parts ...section) section {
	all := section{}
	for _, p := range parts {
		for k, v := range p {
			all[k] = v
		}
	}
	return all
}
