#!/bin/sh
# What sshd runs instead of a shell: a device that prompts and answers. The terminal of the session echoes, as a device does.
here=$(dirname "$0")
prompt='sw01#'
printf '\r\nUnauthorised access is prohibited # now\r\n\r\n%s' "$prompt"
while IFS= read -r line; do
    case "$line" in
        exit) exit 0 ;;
        terminal* | "") ;;
        "show version") cat "$here/show_version.txt" ;;
        "show license tech support") cat "$here/show_license_tech_support.txt" ;;
        *) printf "      ^\n%% Invalid input detected at '^' marker.\n\n" ;;
    esac
    printf '%s' "$prompt"
done
