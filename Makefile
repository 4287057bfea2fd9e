# The commands of the project. Each does all of its own set-up.

VERSION := $(shell git describe --tags --always 2>/dev/null || echo dev)
COMMIT  := $(shell git rev-parse --short HEAD 2>/dev/null)
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
SUDO    := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# Debian's own servers and a peer to disagree with, for the tests.
PACKAGES := nginx openssh-server dropbear-bin tinysshd ssh-audit sslscan openssl postfix vsftpd slapd mariadb-server-core \
	postgresql prosody xrdp apache2 gnutls-bin stunnel4 nmap testssl.sh dovecot-imapd dovecot-pop3d dovecot-lmtpd \
	dovecot-managesieved dovecot-submissiond bind9 bind9-dnsutils bind9-utils unbound nsd knot snmpd memcached \
	tftpd-hpa openipmi strongswan-charon strongswan-swanctl ike-scan lighttpd haproxy redis-server mosquitto samba \
	rsync inetutils-telnetd tinyproxy dante-server xvfb tigervnc-standalone-server socat etcd-server python3-spf iproute2
PEERS    := nginx sshd dropbear tinysshd ssh-audit sslscan openssl postfix vsftpd slapd mariadbd dovecot prosody xrdp \
	apache2 gnutls-serv stunnel nmap testssl named delv dnssec-signzone unbound nsd knotd snmpd memcached in.tftpd \
	ipmi_sim swanctl ike-scan lighttpd haproxy redis-server mosquitto smbd rsync telnetd tinyproxy danted Xvfb \
	Xtigervnc socat etcd ip

.PHONY: build worker sign demo test bench bench-nation fuzz lint generate peers

build:
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/sansang ./cmd/sansang-nuclei

# The template worker of the tests, of the version that they are of.
worker:
	CGO_ENABLED=0 go build -trimpath -o bin/test/ ./cmd/sansang-nuclei

# Sign our own templates with the key in KEY; made if there is none.
sign:
	go test ./checks -run 'TestBundle$$' -sign '$(abspath $(KEY))'

demo: build
	bin/sansang demo

# Everything that CI checks: format, vet, all tests, nearly all of them with the
# race detector. Those
# of the checks wait for hostile servers with bounds of their own, and go alone.
# The commands are mostly wiring, of which the detector makes seven minutes more:
# it watches those in which much is done side by side, and all go without it.
SIDE_BY_SIDE := 'TestScript/(batch|many|templates|verdicts)$$|Test(Batch|Board|Crew|Many|Rollup)'
test: worker peers
	@test -z "$$(gofmt -l .)" || { echo "gofmt these files:"; gofmt -l .; exit 1; }
	go vet ./...
	SANSANG_REAL=1 go test -race -parallel 16 -timeout 20m ./checks
	SANSANG_REAL=1 SANSANG_NUCLEI=$(CURDIR)/bin/test/sansang-nuclei go test -race -parallel 16 -timeout 20m $$(go list ./... | grep -v -e '/checks$$' -e '/cmd/sansang$$')
	SANSANG_REAL=1 SANSANG_NUCLEI=$(CURDIR)/bin/test/sansang-nuclei go test -race -parallel 16 -timeout 20m ./cmd/sansang -run $(SIDE_BY_SIDE)
	SANSANG_REAL=1 SANSANG_NUCLEI=$(CURDIR)/bin/test/sansang-nuclei go test -parallel 16 -timeout 20m ./cmd/sansang

peers:
	@(for p in $(PEERS); do PATH=$$PATH:/usr/sbin command -v $$p >/dev/null || exit 1; done) && \
	  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { \
	  $(SUDO) apt-get update -qq && \
	  printf '#!/bin/sh\nexit 101\n' | $(SUDO) tee /usr/sbin/policy-rc.d >/dev/null && $(SUDO) chmod +x /usr/sbin/policy-rc.d && \
	  DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $(PACKAGES); \
	  status=$$?; $(SUDO) rm -f /usr/sbin/policy-rc.d; exit $$status; }

# Times are ratios against a bound or a peer in the same run.
# The one against nuclei's own command line, which calls home, runs where
# there is no network but loopback.
bench: worker peers
	SANSANG_NUCLEI=$(CURDIR)/bin/test/sansang-nuclei go test -run '^$$' -bench . -benchtime 3x -timeout 30m ./...
	CGO_ENABLED=0 go build -trimpath -o bin/test/nuclei github.com/projectdiscovery/nuclei/v3/cmd/nuclei
	go test -c -o bin/test/scan.test ./internal/scan
	cd internal/scan && unshare --user --map-root-user --net sh -c 'ip link set lo up && SANSANG_NUCLEI=$(CURDIR)/bin/test/sansang-nuclei \
	  NUCLEI=$(CURDIR)/bin/test/nuclei exec $(CURDIR)/bin/test/scan.test -test.run "^$$" -test.bench BenchmarkTemplates -test.benchtime 1x -test.timeout 30m'

# The agency list, 30 ms away on this machine: so many of its 3,377 units (all
# of them take 16 to 19 minutes on two idle cores). It needs root.
UNITS := 300
bench-nation: worker
	SANSANG_NATION=$(UNITS) SANSANG_NUCLEI=$(CURDIR)/bin/test/sansang-nuclei go test -run '^$$' -bench 'BenchmarkNation$$' -benchtime 1x -timeout 3h ./cmd/sansang

# Every parser of what comes from others, one after the other, FUZZTIME each.
FUZZTIME := 30s
fuzz:
	@grep -rHo --include='*_test.go' 'func Fuzz[A-Za-z0-9]*' . | sed 's/:func /:/' | while IFS=: read -r file name; do \
	  echo "$$file $$name"; \
	  go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 50x -parallel 1 "$$(dirname $$file)" || exit 1; done

lint:
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

# Write again what is generated from the checks and policies: docs/*.md,
# docs/schema/*.json and policies/README.md, the assessments and reports of the
# example units, and the golden reports. The tests fail on a difference.
generate:
	go test ./cmd/sansang -run 'TestDocs|TestUnitReports' -update
	go test ./internal/report -update
