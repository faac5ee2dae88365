"""What runs through several rooms, composed: a delivery's whole way, and an officer's acts on a subject.

Faces (pages and commands) call these; each is one act, or a few, and checks the actor's power itself.
"""
