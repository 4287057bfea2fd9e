package checks

// lateSSH are servers that turn hostile only after their lists of algorithms,
// which are facts.
var lateSSH = []string{"ssh-absurd-groups", "ssh-endless-notices", "ssh-ext-info-flood", "ssh-failures-first",
	"ssh-key-0-bits", "ssh-key-64k-bits", "ssh-penalty"}

// sshSays are the hostile servers of which a check of SSH still sees a fact.
var sshSays = map[string][]string{
	"ssh.banner":     append([]string{"ssh-huge-kexinit"}, lateSSH...),
	"ssh.algorithms": lateSSH,
	"ssh.ext_info":   {"ssh-absurd-groups", "ssh-endless-notices", "ssh-penalty"},
	"ssh.hostkeys":   {"ssh-absurd-groups", "ssh-endless-notices", "ssh-ext-info-flood", "ssh-failures-first", "ssh-penalty"},
	"ssh.shared":     {"ssh-absurd-groups", "ssh-endless-notices", "ssh-ext-info-flood", "ssh-failures-first"},
	"ssh.gex":        {"ssh-endless-notices", "ssh-ext-info-flood", "ssh-failures-first", "ssh-key-0-bits", "ssh-key-64k-bits", "ssh-penalty"},
	"ssh.auth":       {"ssh-absurd-groups"},
}
