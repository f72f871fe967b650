"""One alert an incident, and one at its end.

What is wrong now is asked of `ops`, and of what commands noted that no table tells (`noted`); it is compared
with the incidents that are kept in KITH_HOME/incidents.db (`store`); what a channel was not told yet it is
told, in one message a round (`round`). A round may be killed at any moment: what it sent and could not note
is said once more by the next, and nothing is left out.
"""
