#!/usr/bin/env bash
# Suggest codes for a note, queue it for review, decide, and fetch the decisions.
#
# Usage: CAC_URL=http://localhost:8700 CAC_API_KEY=cac_... bash client.sh
# Needs curl 7.76 or later, and Python to read JSON. On the server, this makes a key for all steps:
# cac keys add admin --scopes suggest,notes:read,notes:write,review,export
# A coder may do all but the last one (`export`).
set -euo pipefail
url=${CAC_URL:-http://localhost:8700}
: "${CAC_API_KEY:?is not set: the key that cac keys add printed}"

# Send a request. --retry waits as Retry-After says (429, 503); another refusal is shown on standard
# error, as problem details, and ends the script. The answer goes through a file, which a retry starts
# anew. The key comes by standard input, so that no list of processes shows it.
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
call() {
  local status=0
  curl --silent --show-error --fail-with-body --retry 5 --config - --output "$answer" \
    --header "Content-Type: application/json" --request "$1" "$url$2" "${@:3}" \
    <<< "header = \"Authorization: Bearer $CAC_API_KEY\"" || status=$?
  if ((status)); then
    cat "$answer" >&2
  else
    cat "$answer"
  fi
  return $status
}

# What a Python expression makes of the JSON `d` on standard input.
pick() { python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

note_id="visit-$(date +%s)-$$"
note='{"note_id": "'$note_id'", "setting": "outpatient",
       "text": "Assessment: CKD stage 3b. Gout of the left foot. No chest pain."}'

# Codes at once; nothing is kept.
suggested=$(call POST /v1/suggest --data "{\"notes\": [$note]}")
pick "*('suggested: {code} {description}'.format(**s) for s in d['results'][0]['suggestions']), sep='\n'" \
  <<< "$suggested"

# The note for people to review. Sent again under the same key, it is still one note.
queued=$(call POST /v1/notes --header "Idempotency-Key: $note_id" --data "$note")
id=$(pick "d['id']" <<< "$queued")

# Take it, as soon as its codes are suggested.
for _ in $(seq 120); do
  status=$(call GET "/v1/notes/$id/status")
  [ "$(pick "d['status']" <<< "$status")" = queued ] || break
  sleep 0.5
done
claimed=$(call POST "/v1/notes/$id/claim")
echo "claimed by: $(pick "d['claimed_by']" <<< "$claimed")"

# Decide: what is answered is on disk.
held=$(call GET "/v1/notes/$id")
decisions=$(pick "json.dumps({
  'decisions': [{'kind': 'accept', 'code': {'system': s['system'], 'value': s['code']}}
                for s in d['suggestions']] + [{'kind': 'complete'}],
  'expected_version': d['state']['version']})" <<< "$held")
decided=$(call POST "/v1/notes/$id/decisions" --data "$decisions")
pick "'status: ' + d['state']['status']" <<< "$decided"

# Somebody who decides on what is no longer so is told, and overwrites nothing.
refused=$(call POST "/v1/notes/$id/decisions" --data "$decisions" 2>&1 || true)
echo "refused: $(sed 's/^[^{]*//' <<< "$refused" | pick "d['status'], d['type'], d['detail']")"

# The decisions, one coded note a line, without those of others.
exported=$(call GET /v1/export/decisions)
grep "\"$note_id\"" <<< "$exported" | pick "'decided:', *(code['code'] for code in d['codes'])"
