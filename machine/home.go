package machine

import (
	"os"
	"os/user"
)

// Home is the user's directory: $HOME, or what the system says of the user where a service or a container leaves it unset.
func Home() (string, error) {
	home, missing := os.UserHomeDir()
	if missing == nil {
		return home, nil
	}
	u, err := user.Current()
	if err != nil || u.HomeDir == "" {
		return "", missing
	}
	return u.HomeDir, nil
}
